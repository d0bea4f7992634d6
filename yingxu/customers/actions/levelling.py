"""Levels of single sections of a file. Who may set them, and who else must agree, is for the room above to say (`archives`)."""

from yingxu.base.action import step

from ..models import Change, Customer, Section, SectionLevel, Value


@step
def level_section(customer: Customer, section: Section, level: int) -> None:
    """From now on this section of the file has this level; where the file or the company's own word is higher, that one holds."""
    SectionLevel.objects.update_or_create(customer=customer, section=section, defaults={"secrecy": level})


def raised(customer: Customer, section_id: int, level: int) -> tuple[int, int] | None:
    """The section of the file has at least this level; from and to what it was raised, None when it had it."""
    row, made = SectionLevel.objects.get_or_create(customer=customer, section_id=section_id, defaults={"secrecy": level})
    if made:
        return 0, level
    if row.secrecy >= level:
        return None
    old, row.secrecy = row.secrecy, level
    row.save(update_fields=["secrecy"])
    return old, level


def hold(section: Section, level: int) -> None:
    """The company says a lower level of a section than before: whatever was ever filled in keeps the one it had. Opening it takes a second
    person, file by file."""
    rows = Value.objects.filter(section=section).values_list("customer_id", flat=True)
    once = Change.objects.filter(part="value", row=section.pk).values_list("customer_id", flat=True)
    SectionLevel.objects.bulk_create(
        [SectionLevel(customer_id=pk, section=section, secrecy=level) for pk in sorted({*rows, *once})], ignore_conflicts=True
    )
    SectionLevel.objects.filter(section=section, secrecy__lt=level).update(secrecy=level)
