"""`docker-compose.yml`: what it starts, how each part says that it is well, and that its settings are settings of ours."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from server.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
DEFAULT = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


@pytest.fixture(scope="module")
def composed():
    """The file with the defaults of its variables."""
    return yaml.safe_load(DEFAULT.sub(r"\1", FILE.read_text()))


def has_compose():
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_compose(), reason="there is no `docker compose` on this machine")
def test_compose_itself_understands_the_file():
    done = subprocess.run(["docker", "compose", "-f", str(FILE), "config", "--quiet"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_variable_has_a_default():
    text = re.sub(r"^\s*#.*$", "", FILE.read_text(), flags=re.MULTILINE)
    assert "$" not in DEFAULT.sub("", text)


def test_it_starts_hylla_an_opensearch_and_a_postgresql(composed):
    assert set(composed["services"]) == {"hylla", "opensearch", "database"}
    assert (ROOT / composed["services"]["hylla"]["build"] / "Dockerfile").is_file()
    assert composed["services"]["opensearch"]["image"].startswith("opensearchproject/opensearch:3.8")
    assert composed["services"]["database"]["image"] == "postgres:17"


@pytest.mark.parametrize("name", ["hylla", "opensearch", "database"])
def test_every_part_says_whether_it_is_well_and_comes_back(composed, name):
    service = composed["services"][name]
    check = service["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    for bound in ("interval", "timeout"):
        assert re.fullmatch(r"[1-9]\d*s", check[bound])
    assert check["retries"] > 0
    assert service["restart"] == "unless-stopped"


def test_hylla_waits_for_what_it_needs(composed):
    waits = composed["services"]["hylla"]["depends_on"]
    assert waits == {name: {"condition": "service_healthy"} for name in ("database", "opensearch")}


def test_hyllas_settings_are_those_of_the_other_parts(composed, monkeypatch):
    hylla, opensearch, database = (composed["services"][name] for name in ("hylla", "opensearch", "database"))
    for name, value in hylla["environment"].items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.engine.kind, settings.engine.url) == ("opensearch", "http://opensearch:9200")
    own = database["environment"]
    assert settings.database.url == f"postgresql://{own['POSTGRES_USER']}:{own['POSTGRES_PASSWORD']}@database:5432/{own['POSTGRES_DB']}"
    assert hylla["ports"] == [f"127.0.0.1:8080:{settings.port}"]
    assert [f"{settings.data_dir}"] == [volume.partition(":")[2] for volume in hylla["volumes"]]
    assert opensearch["environment"]["discovery.type"] == "single-node"


def test_nothing_but_hylla_can_be_reached_and_that_from_this_machine_only(composed):
    services = composed["services"]
    assert all(port.startswith("127.0.0.1:") for port in services["hylla"]["ports"])
    for name in ("opensearch", "database"):
        assert "ports" not in services[name]
        assert services[name]["networks"] == ["stores"]
    assert composed["networks"]["stores"] == {"internal": True}


def test_opensearch_has_bounded_memory_of_which_half_is_for_files(composed):
    service = composed["services"]["opensearch"]
    smallest, largest = re.findall(r"-Xm[sx](\d+)g", service["environment"]["OPENSEARCH_JAVA_OPTS"])
    assert smallest == largest
    assert service["mem_limit"] == f"{2 * int(largest)}g"
    assert service["ulimits"]["memlock"] == {"soft": -1, "hard": -1}


def test_all_that_must_outlive_a_container_is_in_a_volume(composed):
    used = {volume.partition(":")[0] for service in composed["services"].values() for volume in service["volumes"]}
    assert used == set(composed["volumes"]) == {"data", "index", "records"}
