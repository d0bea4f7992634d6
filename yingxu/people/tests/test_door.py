"""Who gets in (S9–S12)."""


def test_signs_in_and_out(manager):
    assert manager.get("/settings/people/").status_code == 200
    for path in ("/settings/me/", "/settings/departments/", "/settings/roles/", "/settings/people/new/", "/settings/roles/new/"):
        assert manager.get(path).status_code == 200, path
