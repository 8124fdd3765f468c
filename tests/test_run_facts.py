"""How the commands of a RUN are read: wrappers, variables, folders, options and interpreters."""

import pytest

from mllint.facts.commands.entry import EntryKind, entry_kind
from mllint.facts.commands.variables import Argument
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.installs.pip_command import _LONG_OPTIONS, read_pip_arguments, whole_option
from mllint.facts.unknown import Unknown
from mllint.parse.shell import parse_script
from mllint.parse.source import MappedText
from tests.projects import environment, project_of

SLIM = "FROM python:3.11-slim-bookworm\n"
UNKNOWN = object()


def runs(tmp_path, text):
    return project_of(tmp_path, SLIM + text).stages[-1].executions


def last_value(tmp_path, script):
    (*_, run) = runs(tmp_path, 'SHELL ["/bin/bash", "-c"]\nRUN ' + script + '; show "$V"\n')
    value = run.arguments[0].value
    return UNKNOWN if isinstance(value, Unknown) else value


@pytest.mark.parametrize(
    ("script", "value"),
    [
        pytest.param(": ${V:=x}", "x", id="assigning-default"),
        pytest.param("V=a; : ${V:=x}", "a", id="default-not-needed"),
        pytest.param("V=a; for V in b c; do true; done", UNKNOWN, id="for"),
        pytest.param("V=a; read V < f", UNKNOWN, id="read"),
        pytest.param("V=a; read -rp 'say' V < f", UNKNOWN, id="read-with-prompt"),
        pytest.param("V=a; while read -r V; do true; done < f", UNKNOWN, id="while-read"),
        pytest.param("V=a; printf -v V %s b", UNKNOWN, id="printf"),
        pytest.param("V=1; let V=2", UNKNOWN, id="let"),
        pytest.param("V=1; (( V=2 ))", UNKNOWN, id="arithmetic"),
        pytest.param("V=a; mapfile -t V < f", UNKNOWN, id="mapfile"),
        pytest.param("V=a; getopts ab V", UNKNOWN, id="getopts"),
        pytest.param("V=a; declare -r V=b", "b", id="declare"),
        pytest.param("V=a; if x; then unset V; fi", UNKNOWN, id="unset-in-a-branch"),
        pytest.param("V=a; (V=b)", "a", id="subshell"),
        pytest.param("W=a.b.a; V=${W/#a/x}", UNKNOWN, id="replace-at-the-start"),
        pytest.param("W=a.b.a; V=${W/%a/x}", UNKNOWN, id="replace-at-the-end"),
        pytest.param("W=a.b.a; V=${W//a/x}", "x.b.x", id="replace-all"),
        pytest.param("W=abc; V=${W:0:2}", UNKNOWN, id="substring"),
        pytest.param("W=abc; V=${W^^}", UNKNOWN, id="upper-case"),
        pytest.param("W=abc; V=${#W}", "3", id="length"),
    ],
)
def test_the_value_of_a_shell_variable(tmp_path, script, value):
    assert last_value(tmp_path, script) == value


@pytest.mark.parametrize(
    ("script", "folder"),
    [
        pytest.param("if x; then cd /a; fi; show", UNKNOWN, id="behind-a-branch"),
        pytest.param("if x; then cd /a; show; fi", "/a", id="within-the-branch"),
        pytest.param("if x; then cd /a; else show; fi", UNKNOWN, id="in-the-other-branch"),
        pytest.param("[ -d /a ] && cd /a && show", "/a", id="same-list"),
        pytest.param("[ -d /a ] && cd /a; show", UNKNOWN, id="behind-the-list"),
        pytest.param("cd /a || exit 1; show", "/a", id="or-exit"),
        pytest.param("(cd /a); show", "/", id="subshell"),
        pytest.param("cd /a; cd -; show", UNKNOWN, id="back"),
        pytest.param("cd -P /a; show", "/a", id="option"),
        pytest.param("for i in 1 2; do cd /a; done; show", UNKNOWN, id="loop"),
    ],
)
def test_the_folder_a_command_runs_in(tmp_path, script, folder):
    (*_, run) = runs(tmp_path, f"RUN {script}\n")
    found = UNKNOWN if isinstance(run.workdir, Unknown) else run.workdir
    assert (run.program, found) == ("show", folder)


@pytest.mark.parametrize(
    "command",
    [
        'RUN ["/bin/bash", "-c", "cd /x && pip install torch"]',
        'RUN ["bash", "-lc", "pip install torch"]',
        "RUN gosu app pip install torch",
        "RUN su - app -c 'pip install torch'",
        "RUN runuser -u app -- pip install torch",
        "RUN setpriv --no-new-privs pip install torch",
        "RUN stdbuf -o L timeout -k 5 600 nice -n 5 pip install torch",
        "RUN env T=torch sh -c 'pip install $T'",
        "RUN T=torch bash -c 'pip install $T'",
        "RUN python -mpip install torch",
        "RUN python -Im pip install torch",
        "RUN pip --default-timeout 100 install torch",
        "RUN pip --proxy http://p.test install -qU torch",
    ],
)
def test_an_install_behind_wrappers(tmp_path, command):
    project = project_of(tmp_path, SLIM + command + "\n")
    names = [install.name for install in environment(project).installs]
    assert names == ["torch"]


@pytest.mark.parametrize(
    "command",
    [
        "RUN useradd -s /bin/bash -c 'pip install torch' app",
        "RUN chroot /mnt sh -c 'pip install torch'",
        "RUN ssh host bash -c 'pip install torch'",
        "RUN docker run x sh -c 'pip install torch'",
        "RUN pip --python /opt/other/bin/python install torch",
    ],
)
def test_what_installs_nothing_here(tmp_path, command):
    project = project_of(tmp_path, SLIM + command + "\n")
    assert not environment(project, "/usr/local").installs


def test_what_xargs_supplies_is_not_known(tmp_path):
    (*_, run) = runs(tmp_path, "RUN xargs pip install < list.txt\n")
    assert run.program == "pip" and isinstance(run.arguments[-1].value, Unknown)
    (*_, run) = runs(tmp_path, "RUN xargs -I {} pip install {} < list.txt\n")
    assert isinstance(run.arguments[-1].value, Unknown)


def test_a_secret_mount_sets_a_variable(tmp_path):
    text = 'RUN --mount=type=secret,id=x,env=TOKEN pip install "x$TOKEN"\n'
    (run,) = runs(tmp_path, text)
    assert isinstance(run.lookup("TOKEN"), Unknown)


@pytest.mark.parametrize(
    ("option", "command"),
    [
        pytest.param("-p3.9", "virtualenv -p3.9 /v", id="attached"),
        pytest.param("--python=3.9", "virtualenv --python=python3.9 /v", id="equals"),
        pytest.param("uv", "uv venv -p3.9 /v", id="uv"),
        pytest.param("-mvenv", "python3.9 -mvenv /v", id="module"),
    ],
)
def test_the_python_of_a_venv(tmp_path, option, command):
    text = f"FROM ubuntu:20.04\nRUN apt-get install -y python3.9\nRUN {command}\n"
    stage = project_of(tmp_path, text).stages[-1]
    (made,) = (item for item in stage.environments if item.prefix == "/v")
    assert str(made.python.version) == "3.9"


@pytest.mark.parametrize(
    ("installer", "prefix"),
    [
        ("bash Miniforge3-Linux-x86_64.sh -b", "/root/miniforge3"),
        ("bash Mambaforge-Linux-x86_64.sh -b", "/root/mambaforge"),
        ("bash Miniconda3-latest-Linux-x86_64.sh -b -p/opt/mc", "/opt/mc"),
        ("bash Miniconda3-latest-Linux-x86_64.sh -bfp /usr/local/mc", "/usr/local/mc"),
        ("bash $(ls *.sh) -bfp /opt/mc", "/opt/mc"),
        ("./miniconda.sh -b -p /opt/mc", "/opt/mc"),
        ("bash anaconda_installer.sh -b", "/root/anaconda3"),
    ],
)
def test_where_conda_goes(tmp_path, installer, prefix):
    text = f"FROM ubuntu:22.04\nRUN {installer}\n"
    stage = project_of(tmp_path, text).stages[-1]
    assert prefix in [item.prefix for item in stage.environments]


@pytest.mark.parametrize(
    "command",
    ["bash Miniconda3.sh -b -p", 'bash Miniconda3.sh -b -p "/opt/$(arch)"', "./build.sh -b -p x"],
)
def test_where_nobody_knows_whether_conda_goes(tmp_path, command):
    stage = project_of(tmp_path, f"FROM ubuntu:22.04\nRUN {command}\n").stages[-1]
    assert [item for item in stage.environments if item.kind is EnvironmentKind.CONDA] == []


def test_an_attached_conda_prefix(tmp_path):
    text = "FROM continuumio/miniconda3\nRUN conda create -p/opt/x python=3.9\n"
    stage = project_of(tmp_path, text).stages[-1]
    assert "/opt/x" in [item.prefix for item in stage.environments]


@pytest.mark.parametrize("command", ["! pip install x", "pip install x &", "pip install x || y"])
def test_whose_failure_is_nobodys(tmp_path, command):
    assert next(iter(runs(tmp_path, f"RUN {command}\n"))).tolerated


@pytest.mark.filterwarnings("ignore")
def test_pip_reads_abbreviated_options_the_same_way():
    from optparse import AmbiguousOptionError, BadOptionError

    from pip._internal.commands import create_command

    parser = create_command("install").parser
    known = {name for name in parser._long_opt if name != "--help"}
    for name in known - {"--version"}:
        for length in range(4, len(name) + 1):
            typed = name[:length]
            try:
                expected = parser._match_long_opt(typed)
            except (AmbiguousOptionError, BadOptionError):
                expected = typed
            if known <= _LONG_OPTIONS | {"--help"}:
                assert whole_option(typed) == expected, typed


@pytest.mark.parametrize(
    ("text", "switches", "files"),
    [
        ("-qU torch", {"-q", "--upgrade"}, []),
        ("-Ur r.txt", {"--upgrade"}, ["r.txt"]),
        ("-qrr.txt", {"-q"}, ["r.txt"]),
        ("--find-l x -r r.txt", set(), ["r.txt"]),
        ("--force torch", {"--force-reinstall"}, []),
    ],
)
def test_clusters_and_abbreviations(text, switches, files):
    (command,) = parse_script(MappedText(text, (0,), ((1, 1),))).commands
    words = tuple(Argument(word.literal, word.literal, word) for word in command.argv)
    read = read_pip_arguments(words)
    assert read.switches == switches
    assert [argument.value for argument in read.files] == files


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("ENV V=a\nRUN show\nENV V=b", "a", id="env-below"),
        pytest.param("RUN show\nENV V=b", None, id="first-env-below"),
        pytest.param("ARG V=a\nRUN show\nENV V=b", "a", id="arg-hidden-below"),
        pytest.param("ENV V=a\nARG V=b\nRUN show", "a", id="arg-below-env"),
        pytest.param("ENV V=a\nENV V=b\nRUN show", "b", id="env-above"),
        pytest.param("ENV V=a\nFROM base AS next\nRUN show\nENV V=b", "a", id="inherited"),
    ],
)
def test_a_command_sees_the_variables_set_above_it(tmp_path, text, value):
    stages = project_of(tmp_path, SLIM.replace("\n", " AS base\n") + text + "\n").stages
    (run,) = stages[-1].executions
    assert run.lookup("V") == value


def test_a_command_keeps_the_home_of_its_user(tmp_path):
    (run,) = runs(tmp_path, "RUN show\nUSER someone\nENV HOME=/home/someone\n")
    assert run.lookup("HOME") == "/root"


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        pytest.param('["app", "init"]', EntryKind.PROGRAM, id="word"),
        pytest.param('["/sbin/init"]', EntryKind.INTERACTIVE, id="program"),
        pytest.param('["tini", "--", "bash", "-lc", "tmux"]', EntryKind.INTERACTIVE, id="behind"),
        pytest.param('["python", "-muvicorn", "a:b"]', EntryKind.PROGRAM, id="module"),
        pytest.param('["python", "-mjupyterlab"]', EntryKind.INTERACTIVE, id="notebook-module"),
    ],
)
def test_what_kind_of_program_a_container_starts(tmp_path, command, kind):
    assert entry_kind(project_of(tmp_path, f"{SLIM}CMD {command}\n").target) is kind


@pytest.mark.parametrize(
    ("command", "program", "words"),
    [
        pytest.param("conda run --cwd /x -n ml pip install a", "pip", ("install", "a"), id="conda"),
        pytest.param("sudo -E A=b pip install a", "pip", ("install", "a"), id="sudo-variable"),
        pytest.param("uv run --extra gpu python x.py", "python", ("x.py",), id="uv-extra"),
    ],
)
def test_wrappers_with_values_are_seen_through(tmp_path, command, program, words):
    (run,) = runs(tmp_path, f"RUN {command}\n")
    assert (run.program, run.words) == (program, words)


TORCH_CU118 = "https://download.pytorch.org/whl/cu118"


@pytest.mark.parametrize(
    ("variables", "extra", "known"),
    [
        pytest.param(
            f"UV_INDEX=pt={TORCH_CU118} UV_EXTRA_INDEX_URL=https://a.example/simple",
            (TORCH_CU118, "https://a.example/simple"),
            True,
            id="both-and-a-name",
        ),
        pytest.param(
            f"UV_INDEX={TORCH_CU118} UV_INDEX_STRATEGY=unsafe-best-match",
            (TORCH_CU118,),
            False,
            id="strategy",
        ),
        pytest.param(
            "UV_INDEX=https://a.example/x?y=z", ("https://a.example/x?y=z",), True, id="="
        ),
    ],
)
def test_indexes_that_variables_give_to_uv(tmp_path, variables, extra, known):
    text = f"{SLIM}ENV {variables}\nRUN uv pip install --system torch==2.4.0\n"
    (install,) = environment(project_of(tmp_path, text)).installs
    assert (install.indexes.extra, install.indexes.is_known) == (extra, known)
