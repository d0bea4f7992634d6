"""What a column of such a list may mean, and cells read as a person's or department's values."""

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base.errors import Invalid
from yingxu.base.tables import Target, as_text

from ..models import DirectoryImport

DEPARTMENTS = (
    Target("code", gettext_lazy("Code"), ("部门编码", "部门代码", "编码", "代码", "code")),
    Target("name", pgettext_lazy("department", "Name"), ("部门名称", "部门", "名称", "name", "department")),
    Target("parent", gettext_lazy("Belongs to"), ("上级部门编码", "上级部门", "上级", "parent")),
    Target("head", pgettext_lazy("department", "Head"), ("部门负责人", "负责人", "主管", "经理", "head", "manager")),
    Target("service", gettext_lazy("This is customer service"), ("客户服务", "客服部门", "service")),
    Target("active", gettext_lazy("Open"), ("启用", "状态", "active", "open")),
)  # fmt: skip
STAFF = (
    Target("username", gettext_lazy("Sign-in name"), ("登录名", "账号", "工号", "用户名", "username", "login", "account")),
    Target("name", pgettext_lazy("person", "Name"), ("姓名", "名字", "name")),
    Target("department", gettext_lazy("Department"), ("部门编码", "所属部门", "部门", "department")),
    Target("roles", gettext_lazy("Roles"), ("角色", "岗位", "职务", "roles", "role")),
    Target("email", gettext_lazy("E-mail"), ("电子邮箱", "邮箱", "邮件", "email", "mail")),
    Target("mobile", gettext_lazy("Mobile"), ("手机号", "手机", "电话", "mobile", "phone")),
    Target("active", pgettext_lazy("staff", "Working here"), ("在职", "启用", "状态", "active")),
)  # fmt: skip
NEEDED = {DirectoryImport.Shape.DEPARTMENTS: ("code", "name"), DirectoryImport.Shape.STAFF: ("username", "name")}
_YES = {"是", "在职", "启用", "有效", "正常", "1", "y", "yes", "true", "t", "on", "√", "active", "open"}
_NO = {"否", "离职", "停用", "无效", "禁用", "已离职", "0", "n", "no", "false", "f", "off", "×", "inactive", "closed", "left"}
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_APART = re.compile(r"[、，,;；/|\n]+")


def targets(shape: str) -> tuple[Target, ...]:
    return DEPARTMENTS if shape == DirectoryImport.Shape.DEPARTMENTS else STAFF


class Reader:
    """Cells of a run by what their columns mean."""

    def __init__(self, mapping: dict[str, str], shape: str) -> None:
        self.columns = {target: column for column, target in mapping.items() if target}
        self.labels = {target.code: target.label for target in targets(shape)}

    def has(self, target: str) -> bool:
        return target in self.columns

    def text(self, cells: dict[str, Any], target: str, most: int = 254) -> str:
        """Raises Invalid naming the column."""
        try:
            found = " ".join(as_text(cells.get(self.columns.get(target, ""))).split())
        except ValueError as error:
            raise self.wrong(target, error) from None
        if len(found) > most:
            raise self.wrong(target, _("At most %(most)s characters.") % {"most": most})
        return found

    def needed(self, cells: dict[str, Any], target: str, most: int = 60) -> str:
        found = self.text(cells, target, most)
        if not found:
            raise self.wrong(target, _("This cell is empty."))
        return found

    def code(self, cells: dict[str, Any], target: str) -> str:
        found = self.needed(cells, target, 40)
        if not _CODE.fullmatch(found):
            raise self.wrong(target, _("Codes are made of letters, digits, hyphens and underscores."))
        return found

    def yes(self, cells: dict[str, Any], target: str) -> bool | None:
        """Yes or no in the words such lists use; None for an empty cell."""
        found = self.text(cells, target, 20).lower()
        if not found:
            return None
        if found not in _YES | _NO:
            raise self.wrong(target, _("“%(word)s” is neither yes nor no.") % {"word": found})
        return found in _YES

    def several(self, cells: dict[str, Any], target: str) -> list[str]:
        return [part for part in (one.strip() for one in _APART.split(self.text(cells, target, 500))) if part]

    def wrong(self, target: str, why: Any) -> Invalid:
        return Invalid(_("%(label)s: %(message)s") % {"label": self.labels[target], "message": why})
