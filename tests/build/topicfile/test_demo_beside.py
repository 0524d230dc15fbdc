"""The demo of a topic on one page lies in the package that offers the page: its training, and its texts."""

from pathlib import Path

from blattwerk.build.order.catalogue import find, find_topic
from blattwerk.build.order.pages import place_of_page
from tests.build.topicfile.pages import page


def test_what_lies_beside_a_page_belongs_to_its_demo(tmp_path: Path) -> None:
    """And to the topic: a change there is one of the topic."""
    file = page(tmp_path, ("title.de:", "demo: D99\ntitle.de:"))
    training, texts = tmp_path / "demos" / "coin.py", tmp_path / "templates" / "coin" / "demo.en.tex.j2"
    for path in (training, texts):
        path.parent.mkdir(parents=True)
        path.write_text("the demo's\n", encoding="utf-8")
    place = place_of_page(file, (("course", tmp_path),))
    assert place.demo == "course.demos.coin"
    assert set(place.files().values()) == {file, training, texts}
    assert place.text is not None
    assert place.text("demo.en.tex.j2") == "the demo's\n" and "moments_question" in (place.text("en.tex.j2") or "")
    alone = place_of_page(file)
    assert alone.demo == "" and set(alone.files().values()) == {file}


def test_the_catalogue_has_a_page_with_a_demo() -> None:
    """Found by the page's stem."""
    assert find("deep_belief_net").demo == "D6"
    topic = find_topic("deep_belief_net")
    assert topic.place.demo == "blattwerk.solvers.demos.deep_belief_net"
    assert topic.template_path("demo.en.tex.j2").endswith("templates/deep_belief_net/demo.en.tex.j2")
    assert topic.template_path("en.tex.j2").endswith("topics/deep_belief_net.md")
