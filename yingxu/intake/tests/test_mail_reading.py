"""U1: any bytes are read; known mails give known answers (real mails are on some machines only, and skipped elsewhere)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingxu.intake.mail import bodies, charsets, quotes, signs, tnef
from yingxu.intake.mail.reading import key_of, read
from yingxu.intake.mail.signs import Nature

from .letters import SHARED, letter, shared

needs_mails = pytest.mark.skipif(not SHARED.exists(), reason="the real mails of shared/data are not on this machine")
EMLS = shared("ruby-mail/**/*.eml", "mail-parser/*", "django-helpdesk/*.eml", "talon-replies/**/*.eml")


def _plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("path", EMLS, ids=lambda path: path.name)
def test_every_real_mail_is_read(path):
    mail = read(path.read_bytes())
    assert mail.text or mail.files or mail.subject or mail.report or mail.headers
    assert signs.nature(mail) in Nature
    assert not set("\ud800\udfff\x00\r") & set(mail.text + mail.subject + mail.said)


@needs_mails
def test_bounces_are_known_with_whom_they_did_not_reach():
    known = {
        "ruby-mail/multipart_report_emails/report_530.eml": ("edwin@zzzzzzz.com", "5.3.0", True),
        "ruby-mail/multipart_report_emails/report_422.eml": ("fraser@oooooooo.com.au", "4.2.2", False),  # a warning: still being tried
        "ruby-mail/multipart_report_emails/multipart_report_multiple_status.eml": ("u@ci.com", "5.3.0", True),
        "ruby-mail/multipart_report_emails/multi_address_bounce1.eml": ("bbbbvhvbbvkjbhfbvbvjhb@gmail.com", "5.1.1", True),
        "ruby-mail/multipart_report_emails/multi_address_bounce2.eml": ("bbbbvhvbbvkjbhfbvbvjhb@gmail.com", "5.1.1", True),
        "ruby-mail/mime_emails/raw_email_with_mimepart_without_content_type.eml": ("larose.julie@courrier.uqam.ca", "4.5.0", False),
        "mail-parser/mail_malformed_2": ("abh@netpar.com.br", "4.2.2", True),
    }
    for name, (address, status, final) in known.items():
        mail = read((SHARED / name).read_bytes())
        bounce = signs.bounce(mail)
        assert signs.nature(mail) is Nature.BOUNCE and bounce, name
        assert (bounce.failed[0].address, bounce.failed[0].status, bounce.final) == (address, status, final), name
    others = {path.name for path in EMLS if signs.nature(read(path.read_bytes())) is Nature.BOUNCE}
    assert others == {name.rpartition("/")[2] for name in known}


@needs_mails
def test_replies_are_told_from_what_they_quote():
    for path in shared("talon-replies/standard_replies/*.eml"):
        known = path.with_name(path.stem + "_reply_text")
        expected = known.read_text() if known.exists() else "Hello"
        assert _plain(read(path.read_bytes()).said) == _plain(expected), path.name
    for path in shared("talon-replies/html_replies/*.html"):
        said, quoted = quotes.fold(bodies.text_of(path.read_text(encoding="utf-8")))
        assert _plain(said) == "Hi. I am fine. Thanks, Alex" and "Hello! How are you?" in quoted, path.name


@needs_mails
def test_the_mails_of_a_help_desk():
    mails = {path.name: read(path.read_bytes()) for path in shared("django-helpdesk/*.eml")}
    assert mails["all-special-chars.eml"].subject == "Testovácí email" and mails["all-special-chars.eml"].said == "íářčšáíéřášč"
    assert mails["quoted_printable.eml"].said == "Tohle je test českých písmen odeslaných z gmailu."
    assert mails["forwarded-message.eml"].said == "This is email body" and "We noticed" in mails["forwarded-message.eml"].text
    assert [(f.name, f.content) for f in mails["blank-body-with-attachment.eml"].files] == [("baf.txt", b"You shouldn't see this.\n")]
    assert "zaměstnavatel *jen jednou" in mails["utf-nondecodable.eml"].said
    assert mails["pgp.eml"].said.startswith("hi, thanks for looking into this :)") and len(mails["pgp.eml"].files) == 1


@needs_mails
def test_charsets_of_east_asia():
    subjects = {
        "ruby-mail/multi_charset/japanese.eml": "まみむめも", "ruby-mail/multi_charset/japanese_iso_2022.eml": "まみむめも",
        "mail-parser/mail_test_12": "代开各地增值税发票",
    }  # fmt: skip
    for name, subject in subjects.items():
        assert read((SHARED / name).read_bytes()).subject == subject, name
    assert read((SHARED / "ruby-mail/multi_charset/japanese_shift_jis.eml").read_bytes()).said.startswith("あいうえお")
    assert read((SHARED / "ruby-mail/multi_charset/ks_c_5601-1987.eml").read_bytes()).said == "스티해"
    assert read((SHARED / "ruby-mail/multi_charset/japanese_attachment.eml").read_bytes()).files[0].name == "てすと.txt"
    spam = read((SHARED / "mail-parser/mail_test_12").read_bytes())  # says GB2312 in the subject, is UTF-8 or GBK below
    assert "增值税" in spam.text and spam.sender.name == "张先生"


@needs_mails
def test_winmail_dat_is_unpacked():
    def inside(name: str) -> tuple:
        return tnef.unpack((SHARED / "tnef" / name).read_bytes())

    assert [n for n, _c in inside("two-files.tnef")[2]] == ["AUTHORS", "README"]
    assert [n for n, _c in inside("umlaut.tnef")[2]] == ["TBZ PARIV GmbH.jpg", "image003.jpg", "UmlautAnhang-äüö.txt"]
    assert inside("long-filename.tnef")[2][0][0] == "allproductsmar2000.dat"
    assert "hello world" in inside("unicode-mapi-attr.tnef")[0]
    for path in shared("tnef/*.tnef"):
        text, html, files = tnef.unpack(path.read_bytes())
        assert isinstance(text, str) and isinstance(html, str) and all(content for _name, content in files)
        mail = read(letter("", files=(("winmail.dat", "application/ms-tnef", path.read_bytes()),)))
        assert [part.name for part in mail.files] == [name for name, _content in files] and not mail.trouble


@pytest.mark.parametrize("name", ["gb2312", "gbk", "GB18030", "big5", "utf-8", "x-unknown", "", "us-ascii", "iso-8859-1"])
@pytest.mark.parametrize("text", ["您好，我的当票到期了，想办理续当手续，请问需要带什么证件？谢谢。"])
def test_chinese_is_read_whatever_its_label_says(name, text):
    """The label is right, missing, unknown or a lie; the bytes are GB18030 or UTF-8."""
    for real in ("gb18030", "utf-8"):
        if name == "big5" and real == "gb18030":
            continue  # nobody can tell from a label that fits
        raw = b"From: a@b.example\r\nContent-Type: text/plain" + (f"; charset={name}".encode() if name else b"") + b"\r\n\r\n" + text.encode(real)
        assert read(raw).text == text, (name, real)


def test_traditional_chinese_without_a_label():
    text = "您好，我的當票快要到期了，想請問續當需要帶哪些證件？煩請回覆，謝謝您。"
    assert charsets.guess(text.encode("big5")) == text
    assert charsets.decode(text.encode("big5"), "big5") == text


def test_encoded_words_that_were_damaged():
    import base64

    gbk = base64.b64encode("关于翡翠手镯复评的申请".encode("gbk")).decode()
    words = charsets.words
    assert words(f"=?gb2312?B?{gbk}?=") == "关于翡翠手镯复评的申请"
    raw = "关于翡翠手镯复评的申请".encode("gbk")
    halves = [base64.b64encode(part).decode() for part in (raw[:7], raw[7:])]  # cut in the middle of a character
    assert words(f"=?gbk?B?{halves[0]}?=\r\n =?gbk?B?{halves[1]}?=") == "关于翡翠手镯复评的申请"
    assert words("=?UTF-8?Q?a b=E4=BD=A0?= c") == "a b你 c"
    assert words("=?utf-8?B?5L2g5aW9") == "你好"  # its end was cut off
    assert words("=?utf-8?b?5L2g5aW9?==?utf-8?Q?=E5=90=97?=") == "你好吗"
    assert words("=?nonsense?B?5L2g5aW9?=") == "你好"
    assert words("Re: =?gb18030?B?" + gbk + "?= [#2026-000123]").endswith("的申请 [#2026-000123]")
    assert "\n" not in words("a\r\n b\x00c")


@pytest.mark.parametrize("reply", [
    "好的，明天上午过去。\n\n在 2026年3月18日，下午3:04，客服 <service@yingxu.example> 写道：\n\n> 您好，请带当票。\n> 谢谢",
    "好的，明天上午过去。\n\n------------------ 原始邮件 ------------------\n发件人: \"客服\" <service@yingxu.example>;\n发送时间: 2026年3月18日(星期三) 下午3:04\n收件人: \"季棠\";\n主题: 续当",
    "好的，明天上午过去。\n\nAt 2026-03-18 15:04:00, \"客服\" <service@yingxu.example> wrote:\n>您好，请带当票。",
    "好的，明天上午过去。\n\n发件人： 客服\n发送时间： 2026年3月18日 15:04\n收件人： 季棠\n主题： 续当\n\n您好，请带当票。",
    "好的，明天上午过去。\n\n客服 <service@yingxu.example> 于2026年3月18日周三 15:04写道：\n\n您好，请带当票。",
    "好的，明天上午过去。\n\n-----原始邮件-----\n发件人:客服\n您好，请带当票。",
    "> 您好，请带当票。\n\n好的，明天上午过去。",
    "在 2026年3月18日，客服 <service@yingxu.example> 写道：\n> 您好，请带当票。\n\n好的，明天上午过去。",
], ids=["apple", "qq", "netease", "outlook", "gmail", "foxmail", "below", "below with a head"])  # fmt: skip
def test_answers_of_chinese_mail_programs(reply):
    said, quoted = quotes.fold(reply)
    if reply.startswith(">"):  # quoted above without any sign: all of it is shown
        assert said.endswith("好的，明天上午过去。")
        return
    assert said == "好的，明天上午过去。"
    assert "客服" in quoted


def test_answers_between_the_lines_stay():
    text = "> 您要带当票吗？\n带。\n> 几点来？\n十点。"
    assert quotes.fold(text) == (text, "")
    assert quotes.fold("在 2026年3月18日，客服 <a@b.example> 写道：\n> 几点来？") == ("在 2026年3月18日，客服 <a@b.example> 写道：\n> 几点来？", "")


def test_html_is_shown_without_anything_that_acts():
    bad = (
        '<p onclick="x()" style="color:red" class="c" id="i">你好</p><script>alert(1)</script><img src="http://t.example/p.gif">'
        '<a href="javascript:x()">a</a><a href="https://ok.example/">b</a><iframe src="x"></iframe><div hx-get="/x" data-x="1">c</div>'
        '<form action="/x"><input name="a"></form><style>p{}</style><svg onload=x></svg>'
    )
    clean = bodies.clean(bad)
    for word in ("onclick", "style", "script", "img", "javascript", "iframe", "hx-get", "data-x", "form", "input", "svg", "class", "id="):
        assert word not in clean, word
    assert "你好" in clean and 'href="https://ok.example/"' in clean
    assert bodies.text_of(bad) == "你好\n\nab <https://ok.example/>\nc"


@pytest.mark.parametrize(("headers", "nature"), [
    ({}, Nature.MESSAGE),
    ({"Auto_Submitted": "no"}, Nature.MESSAGE),
    ({"Auto_Submitted": "auto-replied"}, Nature.AUTO),
    ({"Precedence": "auto_reply"}, Nature.AUTO),
    ({"X_Autoreply": "yes"}, Nature.AUTO),
    ({"Return_Path": "<>"}, Nature.AUTO),
    ({"Return_Path": "<jitang@mail.example>"}, Nature.MESSAGE),
    ({"Precedence": "bulk"}, Nature.LIST),
    ({"List_Id": "<news.example>"}, Nature.LIST),
    ({"X_Failed_Recipients": "nobody@mail.example"}, Nature.BOUNCE),
], ids=str)  # fmt: skip
def test_what_sort_of_mail_it_is(headers, nature):
    assert signs.nature(read(letter(**headers))) is nature


@pytest.mark.parametrize("subject", ["自动回复：我在休假", "Automatic reply: Test", "Out of Office: x", "自動回覆: 外出"])
def test_absences_are_known_by_their_subject(subject):
    assert signs.nature(read(letter(subject=subject))) is Nature.AUTO
    assert signs.nature(read(letter(subject=f"关于{subject}"))) is Nature.MESSAGE


def test_a_bounce_in_plain_chinese():
    raw = letter("很抱歉，您的邮件无法投递：\n\n<nobody@mail.example>：550 5.1.1 用户不存在\n", subject="系统退信", sender="postmaster@qq.example")
    bounce = signs.bounce(read(raw))
    assert bounce and bounce.final and (bounce.failed[0].address, bounce.failed[0].status) == ("nobody@mail.example", "5.1.1")


def test_going_in_circles_is_seen_by_the_hops():
    raw = b"Received: by a.example\r\n" * 31 + letter()
    assert signs.nature(read(raw)) is Nature.LOOP


def test_one_mail_has_one_key_whichever_way_it_came():
    raw = letter()
    other = b"Received: from x\r\nDelivered-To: info@yingxu.example\r\n" + raw.replace(b"\n", b"\r\n") + b"\r\n"
    assert key_of(raw) == key_of(other)
    assert key_of(letter(message_id="<2@mail.example>")) != key_of(raw)
    assert key_of(letter("别的话")) != key_of(raw)
    assert key_of(letter(message_id=""))[0] == ""


@pytest.mark.parametrize("raw", [
    b"", b"\n", b"\x00" * 100, b"From: \xff\xfe\r\n\r\n\x80\x81", b"Content-Type: multipart/mixed\r\n\r\n--x\r\n",
    b"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n", b"Subject: =?gbk?B?!!!?=\r\n\r\n", b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
    b"From: <<<>>>\r\nTo: ,,,;;;\r\nDate: yesterday\r\n\r\nx", b"Content-Type: text/plain; charset*=utf-8''%FF\r\n\r\n\xff",
    b"A" * 100_000, b"Subject: x\r\n" * 5_000 + b"\r\n", b"Content-Type: message/rfc822\r\n\r\n" * 200,
    b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(600)),
], ids=range(14))  # fmt: skip
def test_malformed_mails_are_read(raw):
    mail = read(raw)
    assert signs.nature(mail) in Nature
    key_of(raw)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_read(raw):
    assert signs.nature(read(raw)) in Nature
    assert read(raw).text == read(raw).text


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["From", "Subject", "To", "Content-Type", "Content-Disposition", "Message-ID", "References", "Date", "Content-Transfer-Encoding"]),
    st.binary(max_size=80),
)
def test_any_header_is_read(name, value):
    raw = name.encode() + b": " + value.replace(b"\n", b"") + b"\r\nX: y\r\n\r\nbody\r\n"
    assert signs.nature(read(raw)) in Nature


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400))
def test_nothing_is_lost_in_folding(text):
    said, quoted = quotes.fold(text)
    assert set("".join((said + quoted).split())) == set("".join(text.replace(bodies.CUT, "").split()))
    assert said or not "".join(text.replace(bodies.CUT, "").split())
