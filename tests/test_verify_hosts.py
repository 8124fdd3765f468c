"""Where an engine may be: options, environment, the docker CLI's contexts."""

import hashlib
import json
from pathlib import Path

import pytest

from mllint.errors import MllintError
from mllint.verify.engines.hosts import Endpoint, TlsFiles, find_endpoints
from mllint.verify.engines.ssh import ssh_command


def write_context(home: Path, name: str, url: str, tls: bool = False, **more: object) -> Path:
    """A context as the docker CLI keeps it; the folder of its TLS files."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = home / ".docker/contexts/meta" / digest
    meta.mkdir(parents=True)
    content = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": url, **more}}}
    (meta / "meta.json").write_text(json.dumps(content))
    folder = home / ".docker/contexts/tls" / digest / "docker"
    if tls:
        write_pems(folder)
    return folder


def write_pems(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("ca", "cert", "key"):
        (folder / f"{name}.pem").write_text("")


def only(*arguments) -> Endpoint:
    (endpoint,) = find_endpoints(*arguments)
    return endpoint


def test_host_wins_over_the_environment(tmp_path):
    environ = {"DOCKER_HOST": "unix:///b", "DOCKER_CONTEXT": "c"}
    assert only("unix:///a", environ, tmp_path) == Endpoint("unix:///a", "--host")
    assert only("/a.sock", environ, tmp_path).url == "unix:///a.sock"
    assert only(None, environ, tmp_path) == Endpoint("unix:///b", "DOCKER_HOST")


def test_default_sockets_end_with_podman(tmp_path):
    found = find_endpoints(None, {"XDG_RUNTIME_DIR": "/run/user/7"}, tmp_path)
    assert found[0].url == "unix:///var/run/docker.sock"
    assert found[1].url == "unix:///run/user/7/docker.sock"
    assert found[-1].url == "unix:///run/podman/podman.sock"
    # The CLI's own default, with the builder chosen for it.
    assert found[0].cli_environment() == {
        "DOCKER_CONTEXT": "default",
        "DOCKER_HOST": "",
        "DOCKER_TLS": "",
        "DOCKER_TLS_VERIFY": "",
    }
    assert found[1].cli_environment()["DOCKER_HOST"] == found[1].url


def test_current_context(tmp_path):
    folder = write_context(tmp_path, "gpu", "tcp://gpu.example:2376", tls=True)
    (tmp_path / ".docker/config.json").write_text('{"currentContext": "gpu"}')
    found = only(None, {}, tmp_path)
    files = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    assert found == Endpoint("tcp://gpu.example:2376", "context gpu", TlsFiles(*files, True), "gpu")
    assert found.cli_environment()["DOCKER_CONTEXT"] == "gpu"
    assert found.cli_environment()["DOCKER_HOST"] == ""
    # The environment names another one; `default` is none.
    write_context(tmp_path, "ssh", "ssh://me@gpu.example", SkipTLSVerify=True)
    assert only(None, {"DOCKER_CONTEXT": "ssh"}, tmp_path).url == "ssh://me@gpu.example"
    assert len(find_endpoints(None, {"DOCKER_CONTEXT": "default"}, tmp_path)) > 1


def test_tls_by_the_environment(tmp_path):
    write_pems(tmp_path / "certs")
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path / "certs")}
    found = only("tcp://h:2376", environ, tmp_path)
    assert found.tls == TlsFiles(
        *(tmp_path / "certs" / name for name in ("ca.pem", "cert.pem", "key.pem")), True
    )
    assert found.cli_environment()["DOCKER_CERT_PATH"] == str(tmp_path / "certs")
    assert only("tcp://h:2375", {"DOCKER_CERT_PATH": "/x"}, tmp_path).tls is None
    assert only("unix:///a", environ, tmp_path).tls is None
    unverified = {"DOCKER_TLS": "1", "DOCKER_CERT_PATH": str(tmp_path / "certs")}
    assert only("tcp://h:2376", unverified, tmp_path).tls.verify is False


@pytest.mark.parametrize(
    ("host", "environ", "words"),
    [
        pytest.param("bogus", {}, "--host: 'bogus' is no address", id="no-scheme"),
        pytest.param("ftp://h", {}, "is no address of an engine", id="other-scheme"),
        pytest.param("tcp://", {}, "is no address of an engine", id="no-host"),
        pytest.param(None, {"DOCKER_HOST": "x"}, "DOCKER_HOST: 'x'", id="environment"),
        pytest.param(None, {"DOCKER_CONTEXT": "no"}, "names the context 'no'", id="no-context"),
        pytest.param("tcp://h:1", {"DOCKER_TLS_VERIFY": "1"}, "TLS is asked for", id="no-files"),
    ],
)
def test_what_is_no_place(tmp_path, host, environ, words):
    with pytest.raises(MllintError, match=words):
        find_endpoints(host, environ, tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("{", "is no JSON", id="cut"),
        pytest.param("[]", "holds no JSON object", id="list"),
        pytest.param('{"currentContext": "x"}', "names the context 'x'", id="absent"),
    ],
)
def test_configuration_that_cannot_be_used(tmp_path, text, words):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(MllintError, match=words):
        find_endpoints(None, {"DOCKER_CONFIG": str(tmp_path)}, tmp_path)


def test_context_without_an_address(tmp_path):
    write_context(tmp_path, "k", "x")
    meta = next((tmp_path / ".docker/contexts/meta").glob("*/meta.json"))
    meta.write_text('{"Endpoints": {"kubernetes": {}}}')
    with pytest.raises(MllintError, match="holds no address of an engine"):
        find_endpoints(None, {"DOCKER_CONTEXT": "k"}, tmp_path)


DIAL = ["docker", "system", "dial-stdio"]


@pytest.mark.parametrize(
    ("url", "end"),
    [
        pytest.param("ssh://h", ["--", "h", *DIAL], id="host"),
        pytest.param("ssh://me@h:22", ["-l", "me", "-p", "22", "--", "h", *DIAL], id="port"),
        pytest.param("ssh://-oProxyCommand=x", ["--", "-oproxycommand=x", *DIAL], id="dash"),
        pytest.param(
            "ssh://h/run/d.sock",
            ["--", "h", "docker", "--host=unix:///run/d.sock", "system", "dial-stdio"],
            id="socket",
        ),
    ],
)
def test_ssh_command(url, end):
    command = ssh_command(url)
    assert command[0] == "ssh"
    assert command[-len(end) :] == end


@pytest.mark.parametrize("url", ["ssh://", "ssh://a:b@h", "ssh://h:port", "ssh://h?x=1"])
def test_ssh_address_that_is_none(url):
    with pytest.raises(MllintError, match="is no address"):
        ssh_command(url)
