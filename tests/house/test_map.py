from django.core.management import call_command


def test_the_map_is_up_to_date():
    call_command("map", check=True)
