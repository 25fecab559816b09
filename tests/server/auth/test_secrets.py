import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest

from server.auth import secrets
from server.auth.secrets import Secrets, hash_password, is_password, open_secrets
from server.errors import CannotStart
from server.settings import Settings

OLD, NEW = b"o" * 32, b"n" * 32


def test_keys_follow_rfc_5869():
    # One block of HKDF-Expand: T(1) = HMAC(PRK, info || 0x01), with PRK = HMAC(salt, IKM).
    extracted = hmac.digest(secrets.SALT, NEW, "sha256")
    assert Secrets((NEW,)).key("cookie") == hmac.new(extracted, b"cookie\x01", hashlib.sha256).digest()


def test_purposes_and_secrets_have_different_keys():
    one = Secrets((NEW, OLD))
    assert len({*one.keys("cookie"), *one.keys("api-key")}) == 4
    assert one.key("cookie") == one.keys("cookie")[0]


def test_marks_of_an_old_secret_stay_good_while_it_is_in_the_list():
    mark = Secrets((OLD,)).mark("api-key", b"text")
    assert Secrets((NEW, OLD)).is_marked("api-key", b"text", mark)
    assert not Secrets((NEW,)).is_marked("api-key", b"text", mark)
    assert not Secrets((OLD,)).is_marked("cookie", b"text", mark)
    assert not Secrets((OLD,)).is_marked("api-key", b"other", mark)
    assert not Secrets((OLD,)).is_marked("api-key", b"text", b"")


def test_a_short_secret_is_refused_and_none_is_ever_shown():
    with pytest.raises(ValueError, match="at least 32"):
        Secrets((b"short",))
    assert "ooo" not in repr(Secrets((OLD,)))


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    first = open_secrets(settings)
    file = settings.data_dir / "secret_key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes().strip()) == 64
    assert open_secrets(settings).key("cookie") == first.key("cookie")
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret_key"]


def test_many_processes_at_once_agree_on_one_secret(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: open_secrets(settings).key("cookie"), range(32)))
    assert len(keys) == 1


def test_the_setting_wins_over_the_file(tmp_path):
    settings = Settings.model_validate({"data_dir": tmp_path / "data", "secret_key": ["n" * 32, "o" * 32]})
    assert open_secrets(settings).keys("cookie") == Secrets((NEW, OLD)).keys("cookie")
    assert not settings.data_dir.exists()


def test_production_needs_a_secret_of_its_own(tmp_path):
    with pytest.raises(CannotStart, match="production needs a secret_key"):
        open_secrets(Settings(data_dir=tmp_path / "data", production=True))


def test_a_spoilt_file_is_told(tmp_path):
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(CannotStart, match="shorter than 32 bytes"):
        open_secrets(Settings(data_dir=tmp_path))


async def test_passwords_are_argon2id_and_checked(monkeypatch):
    monkeypatch.setattr(secrets, "_hasher", argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST))
    stored = await hash_password("räksmörgås")
    assert stored.startswith("$argon2id$")
    assert await is_password("räksmörgås", stored)
    assert not await is_password("raksmorgas", stored)
    assert not await is_password("räksmörgås", "no hash at all")
    assert stored != await hash_password("räksmörgås")
