"""The server over its socket: who may ask, what an address leads to, what is told when a file is saved."""

import time
from pathlib import Path

import pytest

from blattwerk.build.serve.server import Server
from blattwerk.build.serve.subject import Subject
from blattwerk.build.serve.watching import EVERY
from tests.build.serve.asking import OURS, ask, begin, ended, event, listening, origin
from tests.build.serve.conftest import Serve

LOOK = "look?name=mine&seed=3&difficulty=easy&lang="


@pytest.fixture(scope="module")
def mine(page: Path, serve: Serve) -> Server:
    """The server of the topic that is being written."""
    return serve(Subject(topic="mine"))


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]:80", "", "localhost"]
)
def test_a_name_that_is_made_to_point_to_us_is_refused(mine: Server, host: str) -> None:
    """A page of evil.example whose name leads to 127.0.0.1 reads nothing."""
    said = ask(mine, "overview", Host=host)
    assert said.status == 403
    assert b"mine" not in said.content


def test_the_two_names_of_the_loopback_are_admitted(mine: Server) -> None:
    """127.0.0.1 and localhost, each with the port."""
    for name in ("127.0.0.1", "localhost"):
        assert ask(mine, "overview", Host=f"{name}:{mine.guard.port}").status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_of_another_origin_is_refused(mine: Server, method: str) -> None:
    """Also one of another port or scheme of this machine, and one whose origin the browser does not tell."""
    port = mine.guard.port
    for other in ("https://evil.example", "null", "http://127.0.0.1", f"https://127.0.0.1:{port}", ""):
        assert ask(mine, "work?kind=pdf&name=mine", method, Origin=other).status == 403
    assert ask(mine, "overview", method, Sec_Fetch_Site="cross-site", Origin=origin(mine)).status == 403
    assert ask(mine, "overview", method, Sec_Fetch_Site="same-site", Origin=origin(mine)).status == 403


def test_a_form_of_another_site_starts_nothing(mine: Server) -> None:
    """A POST without an Origin is refused; with ours it begins."""
    assert ask(mine, "work?kind=spread&name=mine", "POST").status == 403
    assert ask(mine, "work?kind=spread&name=mine", "POST", Origin=origin(mine)).status == 200
    assert ask(mine, "cancel", "POST", Origin=origin(mine)).status == 200


def test_without_the_token_there_is_nothing(mine: Server) -> None:
    """Another user of the machine, who can reach the port, does not know it."""
    token = mine.guard.token
    for path in ("/", "/overview", f"/{token[:-1]}/overview", f"/x{token}/", "*", f"/{token}%20/"):
        said = ask(mine, path, inside=False)
        assert said.status == 403
        assert token.encode() not in said.content


@pytest.mark.parametrize(
    "path",
    [
        "../../../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "page.js/../server.py",
        "server.py",
        "/etc/passwd",
        "%2e%2e/mine.md",
        "page.css%00.md",
        "PAGE.JS",
        "pdf?number=1&file=../../mine.md",
        "pdf?number=1&file=/etc/passwd",
    ],
)
def test_no_address_leads_to_a_file(mine: Server, path: str) -> None:
    """Only what the list of addresses names."""
    assert ask(mine, path).status == 404


def test_an_address_that_is_too_long_or_wrong_is_told(mine: Server) -> None:
    """Each in one line, and the server goes on."""
    assert ask(mine, "look?" + "x" * 3000).status == 414
    for query in (
        "seed=-1",
        "seed=abc",
        "seed=1e3",
        "seed=%C2%B2",
        f"seed={10**18 + 1}",
        "lang=fr",
        "difficulty=brutal",
    ):
        said = ask(mine, f"look?name=mine&{query}")
        assert said.status == 400
        assert said.content.count(b"\n") == 1
    assert ask(mine, "work?number=x").status == 400
    assert ask(mine, "work?number=99999").status == 404
    assert ask(mine, "work?kind=nonsense", "POST", Origin=origin(mine)).status == 400
    assert ask(mine, "look?name=softmax").json["error"]["message"].startswith("this server shows the topic mine")
    assert ask(mine, "overview").status == 200


def test_the_page_runs_nothing_but_its_own_script(mine: Server) -> None:
    """The policy is strict, nothing is kept, and no script stands in the page itself."""
    page = ask(mine, "")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.content.count(b"<script") == page.content.count(b"<script src=") == 1
    assert b"//" not in page.content.replace(b"<!doctype", b"")


def test_a_look_in_one_language_and_in_both(mine: Server) -> None:
    """The question, the solution with its marking, and what was found."""
    english, both = ask(mine, LOOK + "en").json["look"], ask(mine, LOOK + "both").json["look"]
    assert list(english["html"]) == ["en"]
    assert list(both["html"]) == ["en", "de"]
    assert english["html"]["en"] == both["html"]["en"]
    assert "KL divergence" in both["html"]["en"]["question"]
    assert "KL-Divergenz" in both["html"]["de"]["question"]
    assert "<math" in both["html"]["de"]["solution"]
    assert english["why"] == ""
    assert all(one["proven"] and len(one["by"]) >= 2 and "quadrature" in one["by"] for one in english["answers"])
    assert dict(english["params"]).keys() == {"mean_p", "deviation_p", "mean_q", "deviation_q"}
    assert any(one["values"] for one in english["mistakes"])
    assert all(one["holds"] for one in english["claims"])


def test_the_numbers_are_those_of_show(mine: Server) -> None:
    """The page and the terminal have the same draw for a seed."""
    from blattwerk.build.numbers import sample

    drawn = sample("mine", 3, "easy").params
    assert dict(ask(mine, LOOK + "en").json["look"]["params"])["mean_p"] == str(drawn.mean_p)


def test_a_saved_file_is_told_within_half_a_second(page: Path, mine: Server) -> None:
    """The longest wait for the watch, and the work until the new text is on its way to the browser.

    Of the work it is the processor's time, and the best of three: the machine may be busy with other tests.
    """
    line = next(line for line in OURS.splitlines() if line.startswith(":en: "))
    took = []
    with listening(mine) as events:
        for number in range(3):
            page.write_text(OURS.replace(line, f":en: Save number {number}. " + line[5:]))
            start = time.process_time()
            event(events, "saved")
            look = ask(mine, LOOK + "en").json["look"]
            took.append(EVERY + time.process_time() - start)
            assert f"Save number {number}." in look["html"]["en"]["question"]
        page.write_text(OURS)
        event(events, "saved")
    assert min(took) < 0.5


def test_a_mistake_is_told_with_its_line_above_the_last_good_version(page: Path, mine: Server) -> None:
    """The old look stays, marked as old by the mistake beside it; mended, all is well."""
    good = ask(mine, LOOK + "en").json["look"]
    with listening(mine) as events:
        page.write_text(OURS.replace("```python solve\n", "```python solve\nnonsense = (\n"))
        event(events, "saved")
        said = ask(mine, LOOK + "en").json
        line = OURS.splitlines().index("```python solve") + 2
        assert said["error"]["place"] == f"{page}:{line}"
        assert not said["error"]["message"].startswith(str(page))
        assert said["error"]["every"][0]["line"] == line
        assert said["look"]["html"] == good["html"]
        page.write_text(OURS)
        event(events, "saved")
    assert "error" not in ask(mine, LOOK + "en").json


def test_a_check_that_disagrees_is_a_red_light(page: Path, mine: Server) -> None:
    """The answer names the check and both values; all the rest is shown."""
    with listening(mine) as events:
        page.write_text(OURS.replace("forward, backward = kl(*p, *q), kl(*q, *p)", "forward, backward = 1, kl(*q, *p)"))
        event(events, "saved")
        look = ask(mine, LOOK + "en").json["look"]
        page.write_text(OURS)
        event(events, "saved")
    lights = {one["name"]: one for one in look["answers"]}
    assert (lights["forward"]["proven"], lights["backward"]["proven"]) == (False, True)
    assert list(lights["forward"]["against"]) == ["quadrature"]
    assert "quadrature disagrees" in look["why"]


def test_200_seeds_are_drawn_in_the_background_with_progress(mine: Server) -> None:
    """A picture for each answer, the largest integer met with its seed; meanwhile the page is answered."""
    with listening(mine) as events:
        number = begin(mine, "kind=spread&name=mine&difficulty=easy")
        assert ask(mine, LOOK + "en").status == 200
        told = [event(events, "work") for _ in range(3)]
    assert {one["number"] for one in told} == {number}
    assert told[-1]["total"] == 200
    said = ended(mine, number)
    assert said["state"] == "done"
    found = said["result"]
    assert found["failed"] == 0
    assert found["different"] > 100
    assert [one["name"] for one in found["answers"]] == ["forward", "backward"]
    assert int(found["largest"]["number"]) >= 6
    assert all(one["svg"].startswith("<svg") and "200 values" in one["svg"] for one in found["answers"])


def test_who_asks_again_cancels_what_was_asked_before(mine: Server) -> None:
    """Of one kind there is one at a time, and a save cancels it too."""
    first = begin(mine, "kind=spread&name=mine&difficulty=hard")
    second = begin(mine, "kind=spread&name=mine&difficulty=hard")
    assert ended(mine, first)["state"] == "cancelled"
    assert ask(mine, "cancel?kind=spread", "POST", Origin=origin(mine)).status == 200
    assert ended(mine, second)["state"] == "cancelled"


def test_a_pdf_on_request(mine: Server) -> None:
    """Set by TeX, four files in two languages, with the lines that stick out."""
    said = ended(mine, number := begin(mine, "kind=pdf&name=mine&seed=3&difficulty=easy"))
    assert (said["state"], said["result"]["failure"], said["result"]["overfull"]) == ("done", "", [])
    assert "questions/seed-3.de.pdf" in said["result"]["files"]
    pdf = ask(mine, f"pdf?number={number}&file=questions/seed-3.de.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert ask(mine, f"pdf?number={number}&file=../mine.md").status == 404


def test_what_tex_finds_wrong_is_told_with_its_place(page: Path, mine: Server) -> None:
    """A macro that neither the writer of HTML nor TeX knows: both name the line of the page."""
    line = next(line for line in OURS.splitlines() if line.startswith(":en: "))
    with listening(mine) as events:
        page.write_text(OURS.replace(line, line + " $\\nosuchmacro$"))
        event(events, "saved")
        said = ask(mine, LOOK + "en").json
        pdf = ended(mine, begin(mine, "kind=pdf&name=mine&seed=3&difficulty=easy"))
        page.write_text(OURS)
        event(events, "saved")
    place = f"{page}:{OURS.splitlines().index(line) + 1}"
    assert said["error"]["place"] == place
    assert place in pdf["result"]["failure"]
