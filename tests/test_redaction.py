"""Credentials in files of every kind: no output of any form prints one."""

import time

import pytest
from click.testing import CliRunner

from mllint.cli import commands
from mllint.facts.secrets.redaction import known_secrets, redacted

HF = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7xY9zA2cD4f"
GITHUB = "ghp_" + "Zx8Cv6Bn4Mq2We1Rt3Yu5Io7Pa9Sd0Fg2Hj4"
OPENAI = "sk-" + "proj-Qw3Er5Ty7Ui9Op1As3Df5Gh7Jk9Lz1Xc3Vb"
AWS = "AKIA" + "Q3W5E7R9T1Y3U5I7"
PASSWORD, URL_PASSWORD, BEARER = "Tr0ub4dor-9x", "k8Jh2Lq0vTzB", "7f3a9c1e5b2d4f6081aa"
SECRETS = (HF, GITHUB, OPENAI, AWS, PASSWORD, URL_PASSWORD, BEARER, "MIIEowIBAAKCAQEA7b")

DOCKERFILE = f"""FROM python:3.11-slim
ARG HF_TOKEN={HF}
ENV API_KEY="{OPENAI}" DB_PASSWORD={PASSWORD}
ENV GH_TOKEN {GITHUB}
ENV SSH_KEY="-----BEGIN RSA PRIVATE KEY-----\\
MIIEowIBAAKCAQEA7b\\
-----END RSA PRIVATE KEY-----"
COPY . /app
WORKDIR /app
RUN pip install --index-url https://me:{URL_PASSWORD}@packages.example.org/simple torch==2.1.0
RUN curl -H "Authorization: Bearer {BEARER}" https://example.org/a && apt install {AWS}
RUN pip install -r requirements.txt https://me:{URL_PASSWORD}@example.org/a.whl
ENV ADMIN_PASSWORD='{PASSWORD}
LABEL a="https://me:{URL_PASSWORD}@example.org
RUNN {HF} DB_PASSWORD={PASSWORD}
CMD python app.py
"""
REQUIREMENTS = f"""--index-url https://me:{URL_PASSWORD}@packages.example.org/simple
torch @ https://me:{URL_PASSWORD}@example.org/torch.whl
torchvision==0.2 {HF}
-r https://me:{URL_PASSWORD}@example.org/more.txt
"""
COMPOSE = f"""services:
  app:
    build: .
    environment:
      DB_PASSWORD: {PASSWORD}
      HF_TOKEN: "{HF}"
    command: ["python", "a.py", "--token", "{OPENAI}"]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("more", [(), ("--ignore", "secret-in-layer,compose-secret")])
@pytest.mark.parametrize(
    "arguments",
    [
        *(("check", "-v", "--format", form) for form in ("text", "json", "sarif", "github")),
        ("check", "--diff", "--unsafe-fixes"),
        ("check", "--diff", "--add-ignores"),
        ("check", "--write-baseline", "b.json"),
        ("plan", "Dockerfile"),
        ("plan", "Dockerfile", "--format", "json"),
    ],
    ids=" ".join,
)
def test_no_output_holds_a_credential(folder, arguments, more):
    more = () if arguments[0] == "plan" else more
    result = CliRunner().invoke(commands, [*arguments, *more], prog_name="mllint")
    assert result.exit_code in (0, 1, 2)
    written = folder / "b.json"
    output = result.output + (written.read_text() if written.exists() else "")
    assert [secret for secret in SECRETS if secret in output] == []
    assert output


def test_a_fix_keeps_the_credentials_of_the_file(folder):
    CliRunner().invoke(commands, ["check", "--fix", "--unsafe-fixes"], prog_name="mllint")
    text = (folder / "Dockerfile").read_text()
    assert [secret for secret in SECRETS if secret not in text] == []


@pytest.mark.parametrize(
    "text",
    [
        "RUN pip install hf_transfer hf-xet scikit-learn",
        "ENV HF_TOKEN=$TOKEN API_KEY=${KEY:-} OPENAI_API_KEY=EMPTY",
        "https://${USER}:${TOKEN}@example.org and git@github.com:a/b",
        "# basic packages",
        "# Basic requirements.txt of the tool-bearer framework",
        'curl -H "Authorization: Bearer $TOKEN"',
        "# Install basic packages, then the basic libraries2-dev of Basic Requirements1",
        'adduser --disabled-password --gecos "" app',
        "ENV TOKENIZERS_PARALLELISM=false MAX_TOKENS=4096123",
        "`RUN --mount=type=secret,id=hf_token,env=HF_TOKEN …`",
        "numpy==1.26.4 --hash=sha256:2a02aba9ed12e4ac4eb3ea9421c420301a0c6460d9830d74a9df87efa491",
    ],
)
def test_what_is_no_credential_stays(text):
    assert redacted(text) == text


def test_lines_and_columns_stay():
    shown = redacted(DOCKERFILE, known_secrets([DOCKERFILE]))
    assert [len(line) for line in shown.split("\n")] == [
        len(line) for line in DOCKERFILE.split("\n")
    ]


@pytest.mark.parametrize(
    "piece", ['token="', "://a:", "TOKEN='", "-----BEGIN A PRIVATE KEY-----", "a", "bearer ", "x-"]
)
def test_hostile_text_takes_linear_time(piece):
    start = time.process_time()
    redacted(piece * 20_000)
    assert time.process_time() - start < 5


def test_no_line_is_a_command_of_github_actions(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "::stop-commands::x").mkdir()
    (tmp_path / "::stop-commands::x" / "Dockerfile").write_text("FROM a\nRUNN b\n")
    monkeypatch.chdir(tmp_path)
    for arguments in (("check",), ("check", "-q"), ("check", "-v")):
        result = CliRunner().invoke(commands, arguments, prog_name="mllint")
        assert r"\x3a:stop-commands::x/Dockerfile:2:1: error" in result.stdout
        assert not any(line.lstrip().startswith("::") for line in result.output.splitlines())


def test_prose_about_basic_things_holds_no_credential():
    text = (
        "# Install basic dependencies\n# basic build-essential, curl\nBasic dXNlcjpwYXNzd29yZA==\n"
    )
    assert known_secrets((text,)) == ("dXNlcjpwYXNzd29yZA==",)
    assert redacted("the basic dependencies of . are not known") == (
        "the basic dependencies of . are not known"
    )
