"""Engines that are elsewhere: by TLS and by ssh, on the loopback address; contexts of the CLI."""

import os
import shutil
import subprocess
from pathlib import Path

import apt
import images
import pytest
from building import build, builder, wanted
from conftest import NEW, NEW_PACKAGES, refuse
from doctoring import doctor
from ports import free_port, listening

from mllint.verify.engines.cleanup import new_run, remove_run
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import container
from mllint.verify.engines.engine import connect
from mllint.verify.engines.failures import EngineUnreachable
from mllint.verify.engines.hosts import find_endpoints

# The SDK leaves a socket open whose connect failed.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def openssl(*arguments: str) -> None:
    apt.run(["openssl", *arguments])


def make_pair(folder: Path, name: str, usage: str) -> None:
    """A key and a certificate, signed by the authority of `folder`."""
    key, request = str(folder / f"{name}-key.pem"), str(folder / f"{name}.csr")
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName=IP:127.0.0.1\nextendedKeyUsage={usage}\n")
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", f"/CN={name}",
            "-out", request)  # fmt: skip
    openssl("x509", "-req", "-in", request, "-CA", str(folder / "ca.pem"), "-CAkey",
            str(folder / "ca-key.pem"), "-CAcreateserial", "-days", "2", "-extfile",
            str(extensions), "-out", str(folder / f"{name}-cert.pem"))  # fmt: skip


@pytest.fixture(scope="session")
def certificates(rig, tmp_path_factory):
    """A folder as DOCKER_CERT_PATH wants it, and the server's own files beside."""
    if not shutil.which("openssl"):
        refuse("needs openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = str(folder / "ca-key.pem"), str(folder / "ca.pem")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-days", "2",
            "-subj", "/CN=test authority", "-out", certificate)  # fmt: skip
    make_pair(folder, "server", "serverAuth")
    make_pair(folder, "client", "clientAuth")
    shutil.copy(folder / "client-cert.pem", folder / "cert.pem")
    shutil.copy(folder / "client-key.pem", folder / "key.pem")
    return folder


@pytest.fixture(scope="session")
def tls_engine(rig, certificates):
    """The address of an engine that wants a client's certificate, and the engine."""
    url = f"tcp://127.0.0.1:{free_port()}"
    files = {"tlscacert": "ca.pem", "tlscert": "server-cert.pem", "tlskey": "server-key.pem"}
    options = [f"--{name}={certificates / file}" for name, file in files.items()]
    root = apt.unpacked(NEW, NEW_PACKAGES, rig.cache)
    daemon = rig.daemon(root, (f"--host={url}", "--tlsverify", *options))
    client = daemon.client()
    images.add_tiny(client, rig.old)
    client.close()
    return url, daemon


def uses(endpoints, daemon, tmp_path, monkeypatch):
    """A container and a build by BuildKit's command line work there."""
    for name, value in daemon.cli.items():
        if name != "DOCKER_HOST":
            monkeypatch.setenv(name, value)
    run = new_run()
    with connect(endpoints) as engine:
        spec = ContainerSpec(images.TINY, ["echo", "hello"], labels=run.labels)
        with container(engine, spec) as made:
            made.start()
            made.wait(30)
            assert made.output(100).stdout == b"hello\n"
        asked = wanted(tmp_path, "FROM busybox:1.36\nRUN true\nUSER 7\n", run)
        assert build(engine, asked, builder(daemon, "cli"), lambda _: None).user == "7"
        assert remove_run(engine, run) == ()


def test_tls_by_the_environment(tls_engine, certificates, tmp_path, monkeypatch):
    url, daemon = tls_engine
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
    uses(find_endpoints(url, environ, tmp_path), daemon, tmp_path, monkeypatch)


def test_doctor_of_an_engine_elsewhere_tells_nothing_of_this_machine(
    tls_engine, ssh_engine, certificates
):
    url, daemon = tls_engine
    by_tls = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
    for place, environment in ((url, by_tls), (ssh_engine, {})):
        path = {"PATH": os.environ["PATH"]} if place is ssh_engine else {}
        told = doctor(daemon, "--host", place, **environment, **path)
        assert told["engine"].endswith(f", linux/amd64, at {place}")
        assert told["a container"] == "pass: of busybox:1.36 runs"
        for name in ("disk", "NVIDIA GPU", "nvidia-smi in a container"):
            assert told[name].startswith("not measured: ")
        assert "NVIDIA driver" not in told


def test_tls_by_a_context(tls_engine, certificates, tmp_path, monkeypatch):
    url, daemon = tls_engine
    files = ",".join(f"{name}={certificates / name}.pem" for name in ("ca", "cert", "key"))
    cli = daemon.folder / "cli"
    environ = {"DOCKER_CONFIG": str(cli), "PATH": daemon.cli["PATH"]}
    docker = ["docker", "context", "create", "far", f"--docker=host={url},{files}"]
    subprocess.run(docker, env={**os.environ, **environ}, check=True, capture_output=True)
    found = find_endpoints(None, {**environ, "DOCKER_CONTEXT": "far"}, tmp_path)
    assert found[0].context == "far"
    uses(found, daemon, tmp_path, monkeypatch)


def test_tls_that_is_not_spoken(tls_engine, certificates, tmp_path):
    url, _ = tls_engine
    with pytest.raises(EngineUnreachable, match="it wants TLS: set DOCKER_TLS_VERIFY=1"):
        connect(find_endpoints(url, {}, tmp_path))
    stranger = tmp_path / "certs"
    stranger.mkdir()
    shutil.copy(certificates / "ca.pem", stranger)
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(stranger)}
    with pytest.raises(EngineUnreachable, match="certificate"):
        connect(find_endpoints(url, environ, tmp_path))
    shutil.copy(certificates / "client-cert.pem", stranger / "ca.pem")
    with pytest.raises(EngineUnreachable, match="certificate verify failed"):
        connect(find_endpoints(url, environ, tmp_path))


def test_port_where_nobody_listens(tmp_path):
    with pytest.raises(EngineUnreachable, match="nobody listens"):
        connect(find_endpoints(f"tcp://127.0.0.1:{free_port()}", {}, tmp_path))


@pytest.fixture
def ssh_engine(new_engine, tmp_path, monkeypatch):
    """The address of an engine behind an sshd of our own; `ssh` uses a key of our own."""
    sshd = shutil.which("sshd", path="/usr/sbin:/sbin")
    if sshd is None or not shutil.which("ssh"):
        refuse("needs an ssh client and server")
    port = free_port()
    for name in ("host", "user"):
        apt.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)])
    (tmp_path / "authorized").write_text((tmp_path / "user.pub").read_text())
    (tmp_path / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {tmp_path / 'host'}\nPidFile none\n"
        f"AuthorizedKeysFile {tmp_path / 'authorized'}\nStrictModes no\nUsePAM no\n"
        f"PermitRootLogin yes\nSetEnv PATH={new_engine.folder}/bin:/usr/bin:/bin"
        f" DOCKER_HOST={new_engine.url}\n"
    )
    (tmp_path / "ssh_config").write_text(
        f"Host *\n IdentityFile {tmp_path / 'user'}\n IdentitiesOnly yes\n"
        f" UserKnownHostsFile {tmp_path / 'known'}\n StrictHostKeyChecking yes\n"
    )
    key = " ".join((tmp_path / "host.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {key}\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    wrapper = programs / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {tmp_path}/ssh_config "$@"\n')
    wrapper.chmod(0o755)
    Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen([sshd, "-D", "-e", "-f", str(tmp_path / "sshd_config")])
    assert listening(port)
    monkeypatch.setenv("PATH", f"{programs}:{new_engine.folder}/bin:{os.environ['PATH']}")
    yield f"ssh://root@127.0.0.1:{port}"
    server.kill()
    server.wait()


def test_ssh(ssh_engine, new_engine, tmp_path, monkeypatch):
    found = find_endpoints(None, {"DOCKER_HOST": ssh_engine}, tmp_path)
    run = new_run()
    monkeypatch.setenv("DOCKER_CONFIG", str(new_engine.folder / "cli"))
    with connect(found) as engine:
        asked = wanted(tmp_path, "FROM busybox:1.36\nRUN true\nUSER 7\n", run)
        assert build(engine, asked, builder(new_engine, "cli"), lambda _: None).user == "7"
        assert remove_run(engine, run) == ()


def test_ssh_that_is_refused(ssh_engine, tmp_path):
    (tmp_path / "authorized").write_text("")
    with pytest.raises(EngineUnreachable, match=r"ssh says: .*Permission denied"):
        connect(find_endpoints(ssh_engine, {}, tmp_path))
    (tmp_path / "known").write_text("")
    with pytest.raises(EngineUnreachable, match=r"ssh says: .*Host key verification failed"):
        connect(find_endpoints(ssh_engine, {}, tmp_path))
