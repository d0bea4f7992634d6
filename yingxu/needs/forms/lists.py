"""The queue's own forms: filters, saved views, bulk acts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.people.fields import DepartmentField, Person
from yingxu.people.models import Department, User

from .. import columns, queries
from ..models import Need
from ..states import Category, Channel, State
from .edit import tags_in
from .triage import categories, kinds

YES = [("", gettext_lazy("All")), ("1", gettext_lazy("Not ended")), ("0", gettext_lazy("Ended"))]


class FilterForm(forms.Form):
    """Every way to narrow a list down. Its fields are the list's own query string."""

    q = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=100)
    open = forms.ChoiceField(label=gettext_lazy("Ended or not"), required=False, choices=YES)
    state = forms.MultipleChoiceField(label=pgettext_lazy("field", "State"), required=False, choices=State.choices)
    category = forms.MultipleChoiceField(label=gettext_lazy("Category"), required=False)
    kind = forms.MultipleChoiceField(label=gettext_lazy("Business type"), required=False)
    channel = forms.MultipleChoiceField(label=gettext_lazy("Channel"), required=False, choices=Channel.choices)
    department = forms.MultipleChoiceField(label=gettext_lazy("Department"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    customer = forms.CharField(label=gettext_lazy("Customer's register number"), required=False, max_length=24)
    tag = forms.CharField(label=pgettext_lazy("field", "Tag"), required=False, max_length=30)
    round = forms.ChoiceField(label=gettext_lazy("Rounds"), required=False)
    rating = forms.MultipleChoiceField(label=pgettext_lazy("field", "Rating"), required=False, choices=[(str(n), str(n)) for n in range(1, 6)])
    held = forms.ChoiceField(label=gettext_lazy("Waiting for the customer"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody = ("none", gettext_lazy("Not assigned"))
        self.fields["category"].choices = [*((code, label) for code, label, _d in categories()), ("none", gettext_lazy("Not assessed"))]
        self.fields["kind"].choices = kinds()
        self.fields["department"].choices = [*Department.objects.filter(active=True).values_list("id", "name"), nobody]
        people = User.objects.filter(is_active=True).order_by("name").values_list("id", "name")
        self.fields["owner"].choices = [("", gettext_lazy("Anybody")), ("me", gettext_lazy("Me")), nobody, *people]
        self.fields["round"].choices = [("", gettext_lazy("All")), ("2", gettext_lazy("Second round and later")), ("3", gettext_lazy("Third round and later"))]
        self.fields["held"].choices = [("", gettext_lazy("All")), ("1", gettext_lazy("Only those"))]


class Period(forms.Form):
    """From which day to which a need was registered; "from" is no name Python lets a field have."""


Period.base_fields["from"] = forms.DateField(label=gettext_lazy("Registered from"), required=False)
Period.base_fields["to"] = forms.DateField(label=gettext_lazy("Registered until"), required=False)


class Columns(forms.Form):
    columns = forms.MultipleChoiceField(label=gettext_lazy("Columns"), required=False, choices=tuple(columns.NAMES.items()), widget=forms.CheckboxSelectMultiple)


class SaveView(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=30)
    query = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    team = forms.BooleanField(label=gettext_lazy("Share with the department"), required=False)


class Bulk(forms.Form):
    """What is given once for many needs."""

    def __init__(self, *args: Any, by: Actor, needs: list[Need], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.needs = by, needs
        self.prepare()

    def prepare(self) -> None:
        """Set choices."""


class BulkAssign(Bulk):
    department = DepartmentField()
    owner = Person(label=gettext_lazy("Person"), required=False)
    reason = forms.CharField(label=gettext_lazy("A word to them"), required=False, max_length=500)


class BulkCategory(Bulk):
    category = forms.ChoiceField(label=gettext_lazy("Category"), widget=forms.RadioSelect)
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)

    def prepare(self) -> None:
        self.fields["category"].choices = [(code, label) for code, label, _d in categories()] or Category.choices


class BulkTag(Bulk):
    add = forms.CharField(label=gettext_lazy("Add tags"), required=False, max_length=300)
    remove = forms.CharField(label=gettext_lazy("Remove tags"), required=False, max_length=300)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = {name: tags_in(data.get(name, "")) for name in ("add", "remove")}
        if not any(found.values()):
            raise ValidationError(_("Write a tag to add or to remove."))
        return found


class BulkMerge(Bulk):
    into = forms.ChoiceField(label=gettext_lazy("Which one goes on"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        self.fields["into"].choices = [(n.matter.number, f"{n.matter.number} {n.matter.title}") for n in self.needs]

    def clean_into(self) -> Need:
        try:
            return queries.find(self.cleaned_data["into"], self.by)
        except Gone:
            raise ValidationError(_("There is no such need.")) from None
