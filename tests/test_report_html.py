"""The HTML page about a verification: one file, harmless, and good to read in a real browser."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import chromium
import pytest
from projects import project_of
from verifications import SAMPLES, SECRET, broken, build_failed, code_of, gpu_stand_in, image_only

from mllint.redact import redactor
from mllint.report.page.stack import clashes, stack
from mllint.report.page.stages import MOST_STAGES, stage_graph, stage_picture
from mllint.report.verify_html import verify_html

VOID = {"meta"}
LOADS = {"src", "srcset", "background", "poster", "data", "action", "formaction", "ping"}


class Page(HTMLParser):
    """The elements and texts of a page; raises where they are not nested well."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "\n".join(self.texts)


def html_of(run):
    return verify_html(run, code_of(run), redactor(()))


@pytest.fixture(params=SAMPLES)
def run(request, tmp_path):
    return SAMPLES[request.param](tmp_path)


def test_the_page_is_whole_and_loads_nothing(run):
    page = Page(html_of(run))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "embed", "base", "use", "image"}
    for tag, attributes in page.elements:
        assert not LOADS & attributes.keys()
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert tag == "a" or "href" not in attributes
        assert attributes.get("href", "https://").startswith("https://")


def test_the_policy_allows_the_one_style_and_nothing_else(run):
    html = html_of(run)
    metas = [each for tag, each in Page(html).elements if tag == "meta"]
    policy = next(each["content"] for each in metas if "http-equiv" in each)
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert len(styles) == 1
    assert "url(" not in styles[0]
    assert "@import" not in styles[0]
    digest = b64encode(sha256(styles[0].encode()).digest()).decode()
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]


@pytest.mark.parametrize("name", ["hostile", "hostile_build"])
def test_hostile_text_stays_text(name, tmp_path):
    html = html_of(SAMPLES[name](tmp_path))
    html.encode("utf-8")
    assert SECRET[:14] not in html
    assert not set("\x1b\x00\u202e\ud800\ufffe") & set(html)
    assert "</script><script>alert(1)" in Page(html).text


def test_the_same_run_makes_the_same_page(tmp_path):
    run = broken(tmp_path)
    assert html_of(run) == html_of(run)


def parts_of(run):
    return {part.name: part for part in stack(run)}


def test_the_stack_of_an_image_with_two_cudas(tmp_path):
    run = broken(tmp_path)
    parts = parts_of(run)
    assert list(parts) == [
        "torch 2.1.2+cu121",
        "onnxruntime 1.17.1",
        "CUDA libraries in packages",
        "Python 3.11.7",
        "python:3.11-slim-bookworm",
        "no GPU",
    ]
    assert parts["torch 2.1.2+cu121"][2:4] == ("12.1", "8.9.2")
    assert parts["python:3.11-slim-bookworm"][2:4] == ("11.8", "8.6.0")
    assert parts["CUDA libraries in packages"][2:4] == ("12", "8")
    assert parts["onnxruntime 1.17.1"].fault.startswith("onnxruntime's CUDA provider: cannot be")
    assert not parts["torch 2.1.2+cu121"].fault
    assert clashes(stack(run)) == (True, False)


def test_what_a_driver_serves_is_no_second_cuda(tmp_path):
    run = gpu_stand_in(tmp_path)
    driver = parts_of(run)["driver 535.104.05"]
    assert (driver.note, driver.cuda) == ("STAND-IN-GPU (not real)", "≤ 12.2")
    assert clashes(stack(run)) == (False, False)


def test_the_stack_of_a_build_that_failed_is_that_of_the_plan(tmp_path):
    parts = parts_of(build_failed(tmp_path))
    assert {"torch 2.1.2", "onnxruntime-gpu 1.17.1", "Python 3.11"} <= set(parts)
    assert parts["torch 2.1.2"].note == "as planned"
    assert parts["no GPU"].note == "no image was tested"


def test_the_base_of_a_plan_brings_its_cuda(tmp_path):
    text = "FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04\nRUN false\n"
    run = build_failed(tmp_path)._replace(project=project_of(tmp_path, text))
    part = parts_of(run)["nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04"]
    assert part[2:4] == ("11.8.0", "8")


def test_the_stages(tmp_path):
    graph = stage_graph(broken(tmp_path).project)
    assert [(each.name, each.line, each.ships, each.used) for each in graph.stages] == [
        ("frontend", 1, False, True),
        ("wheels", 5, False, True),
        ("test", 10, False, False),
        ("runtime", 12, True, True),
    ]
    assert [tuple(edge) for edge in graph.edges] == [
        (1, 2, False),
        (0, 3, True),
        (1, 3, True),
    ]


def test_very_many_stages_are_not_all_drawn(tmp_path):
    text = "FROM debian AS s0\n" + "".join(f"FROM s{n} AS s{n + 1}\n" for n in range(300))
    graph = stage_graph(project_of(tmp_path, text))
    assert (len(graph.stages), graph.left_out) == (MOST_STAGES, 301 - MOST_STAGES)
    assert graph.stages[-1].ships
    stage_picture(graph)


def test_an_image_without_plan_has_no_stages_and_no_predictions(tmp_path):
    text = Page(html_of(image_only(tmp_path))).text
    assert "Stages" not in text
    assert "Predictions" not in text
    assert "base image" not in text


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = chromium.find()
    if program is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    browser = chromium.Browser(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


# The texts of the pictures that are too small to read, or go over the edge.
BAD_TEXTS = """
[...document.querySelectorAll('svg text')].filter(text => {
    const box = text.getBoundingClientRect(), edge = text.ownerSVGElement.getBoundingClientRect();
    return box.height < 9 || box.right > edge.right + 1 || box.left < edge.left - 1;
}).map(text => text.textContent)
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1200])
def test_in_a_browser(browser, run, width, scheme, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(html_of(run), "utf-8")
    browser.show(file, width, scheme)
    assert browser.complaints == []
    assert browser.requests == [file.as_uri()]
    assert browser.ask("document.documentElement.scrollWidth") <= width
    red, green, blue = map(
        int, re.findall(r"\d+", browser.ask("getComputedStyle(document.body).backgroundColor"))
    )
    assert (red + green + blue < 384) == (scheme == "dark")
    assert browser.ask(BAD_TEXTS) == []
    assert browser.screenshot().startswith(b"\x89PNG")
