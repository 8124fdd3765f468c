"""What users can write into mllint.toml and pyproject.toml, and what they read when it is wrong."""

import pytest

from mllint.catalog import known_slugs, page
from mllint.config import Settings, Target, find_settings, load_settings
from mllint.errors import ConfigError
from mllint.finding import Severity


def settings_of(tmp_path, text, name="mllint.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load_settings(path, tmp_path)


def test_everything_that_can_be_written(tmp_path):
    settings = settings_of(
        tmp_path,
        """
        select = ["dockerfile-syntax"]
        ignore = ["unused-ignore"]
        exclude = ["vendor"]
        fail-level = "error"
        min-level = "warning"
        require-ignore-reason = true
        context = "docker"
        [severity]
        dockerfile-syntax = "warning"
        [per-file-ignores]
        "legacy/**" = ["dockerfile-syntax"]
        [build-args]
        CUDA = "12.4"
        [target]
        platform = "linux/arm64"
        driver = "535"
        gpus = ["sm_90"]
        stage = "final"
        build-args = { TORCH = "2.4" }
        """,
    )
    assert settings.select == ("dockerfile-syntax",)
    assert settings.ignore == ("unused-ignore",)
    assert settings.exclude == ("vendor",)
    assert settings.fail_level is Severity.ERROR
    assert settings.min_level is Severity.WARNING
    assert settings.require_ignore_reason
    assert settings.context == tmp_path / "docker"
    assert settings.severity == {"dockerfile-syntax": Severity.WARNING}
    assert settings.per_file_ignores == {"legacy/**": ("dockerfile-syntax",)}
    assert settings.build_args == {"CUDA": "12.4", "TORCH": "2.4"}
    assert settings.target == Target("linux/arm64", "535", ("sm_90",), "final")


def test_rules_are_named_by_groups_too(tmp_path):
    text = 'ignore = ["compose-*", "security"]\n[per-file-ignores]\n"dev/*" = ["ALL"]\n'
    settings = settings_of(tmp_path, text)
    assert {"compose-secret", "secret-in-layer"} <= set(settings.ignore)
    assert all(page(slug).category in ("compose", "security") for slug in settings.ignore)
    assert settings.per_file_ignores == {"dev/*": known_slugs()}


def test_an_empty_file_means_the_defaults(tmp_path):
    settings = settings_of(tmp_path, "")
    assert settings == Settings(tmp_path, settings.path)


def test_fail_level_none_never_fails(tmp_path):
    assert settings_of(tmp_path, 'fail-level = "none"').fail_level is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("\nselct = []", 2, "unknown key 'selct'; did you mean 'select'?"),
        ("[target]\ngpu = []", 2, "unknown key 'gpu'; did you mean 'gpus'?"),
        ("[verify]\ngpus = 1", 2, "gpus takes text, not 1"),
        ("[verify]\ngpus = 'two'", 2, "gpus takes auto, none, all or device=ID,ID, not 'two'"),
        ("[verify]\nshm-size = 'big'", 2, "shm-size takes a size such as 2g, not 'big'"),
        ("[verify]\ntimeout = 0", 2, "timeout takes a number above 0, not 0"),
        ("[verify]\nimport = ['a']", 2, "unknown key 'import'; did you mean 'imports'?"),
        ("[target]\npython = '3.11'", 2, "unknown key 'python'"),
        ("[target]\nplatform = 'windows/amd64'", 2, "platform takes linux/amd64 or linux/arm64"),
        ("# exclude\nexclude = 'a'", 2, "exclude takes a list of text, not 'a'"),
        ("exclude = [1]", 1, "exclude takes a list of text, not [1]"),
        ("require-ignore-reason = 'yes'", 1, "require-ignore-reason takes true or false"),
        ("fail-level = 'high'", 1, "fail-level takes one of info, warning, error, none"),
        ("fail-level = 1", 1, "fail-level takes one of"),
        ("target = 'cpu'", 1, "target takes a table, not 'cpu'"),
        ("[target]\ndriver = 535", 2, "driver takes text, not 535"),
        ("[target]\ndriver = 'newest'", 2, "driver takes a version such as 535"),
        ("[target]\ndriver = '5²'", 2, "driver takes a version such as 535"),
        ("[target]\ngpus = ['H10']", 2, "unknown GPU 'H10': write its compute capability"),
        ("[build-args]\nCUDA = 12", 2, "CUDA takes text, not 12"),
        ("min-level = 'none'", 1, "min-level takes one of info, warning, error, not 'none'"),
        ("ignore = ['pins']", 1, "unknown rule 'pins'; did you mean 'pin'?"),
        ("ignore = ['all']", 1, "unknown rule 'all'; did you mean 'ALL'?"),
        ("ignore = ['compse-*']", 1, "no rule is named like 'compse-*'"),
        (
            "\nignore = [\n  'dockerfile-sintax',\n]",
            3,
            "unknown rule 'dockerfile-sintax'; did you mean 'dockerfile-syntax'?",
        ),
        ("[severity]\nnonsense = 'info'", 2, "unknown rule 'nonsense'"),
        ("[severity]\ndockerfile-syntax = 'none'", 2, "takes one of info, warning, error, not"),
        ("[per-file-ignores]\n'a/*' = ['nope']", 2, "unknown rule 'nope'"),
        ("[per-file-ignores]\n'a/*' = 'unused-ignore'", 2, "a/* takes a list of text"),
    ],
)
def test_a_mistake_names_file_line_and_remedy(tmp_path, text, line, message):
    with pytest.raises(ConfigError) as caught:
        settings_of(tmp_path, text)
    assert (caught.value.path, caught.value.line) == ("mllint.toml", line)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"select = [", "not valid TOML"),
        (b"select = " + b"[" * 100_000, "not valid TOML"),
        (b"\xff\xfe", "not encoded in UTF-8"),
        (b"#" * 1_000_001, "larger than 1 MB"),
    ],
    ids=["toml", "nested", "utf-8", "size"],
)
def test_a_file_that_is_no_toml(tmp_path, data, message):
    (tmp_path / "mllint.toml").write_bytes(data)
    with pytest.raises(ConfigError, match=message):
        find_settings(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "mllint.toml").write_bytes(b"\xef\xbb\xbfexclude = ['a']\r\n")
    assert find_settings(tmp_path).exclude == ("a",)


def test_the_nearest_configuration_wins(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "mllint.toml").write_text("exclude = ['outer']")
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'mllint-user'\n")
    assert find_settings(inner).exclude == ("outer",)
    assert find_settings(inner).folder == tmp_path
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.mllint]\nexclude = ['inner']\n")
    assert find_settings(inner).exclude == ("inner",)


def test_mllint_toml_wins_over_pyproject_beside_it(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.mllint]\nexclude = ['b']\n")
    (tmp_path / "mllint.toml").write_text("exclude = ['a']")
    assert find_settings(tmp_path).exclude == ("a",)


def test_a_broken_pyproject_of_somebody_else_is_passed_over(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[broken")
    assert find_settings(tmp_path).exclude == ()


def test_a_tool_key_that_is_no_table(tmp_path):
    (tmp_path / "pyproject.toml").write_text("tool = 'mllint'")
    assert find_settings(tmp_path).exclude == ()


@pytest.mark.parametrize(
    ("pattern", "seen"),
    [
        ("vendor", ("vendor",)),
        ("**/vendor/x", ("**/vendor/x",)),
        ("a/b/vendor", ("/vendor",)),
        ("/a/b/vendor", ("/vendor",)),
        ("c/vendor", ()),
        ("/a/", ("*",)),
        ("a/b", ("*",)),
    ],
)
def test_exclude_is_relative_to_the_configuration(tmp_path, pattern, seen):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "mllint.toml").write_text(f"exclude = ['{pattern}']")
    assert find_settings(inner).exclude == seen
    assert find_settings(tmp_path).exclude == (pattern,)


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [
        ("third_party/", ["sub/third_party/Dockerfile", "sub/a/third_party/Dockerfile"]),
        ("a/third_party", ["sub/a/third_party/Dockerfile"]),
        ("/third_party", ["sub/third_party/Dockerfile"]),
    ],
)
def test_what_a_configuration_below_excludes(tmp_path, pattern, left_out):
    from mllint.parse.discover import discover

    (tmp_path / ".git").mkdir()
    places = [f"{top}{below}third_party/Dockerfile" for top in ("", "sub/") for below in ("", "a/")]
    for place in places:
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text("FROM a\n")
    (tmp_path / "sub" / "mllint.toml").write_text(f"exclude = ['{pattern}']")
    settings = load_settings(tmp_path / "sub" / "mllint.toml", tmp_path)
    found = discover(["."], tmp_path, settings.exclude).dockerfiles
    shown = {path.relative_to(tmp_path).as_posix() for path in found}
    assert sorted(set(places) - shown) == sorted(left_out)


def test_a_configuration_above_the_repository_is_not_used(tmp_path):
    (tmp_path / "mllint.toml").write_text("exclude = ['a']")
    inner = tmp_path / "repository" / "src"
    inner.mkdir(parents=True)
    assert find_settings(inner).exclude == ("a",)
    (inner.parent / ".git").mkdir()
    assert find_settings(inner).exclude == ()


def test_the_table_of_pyproject_has_no_place_in_mllint_toml(tmp_path):
    with pytest.raises(ConfigError) as caught:
        settings_of(tmp_path, "[tool.mllint]\nignore = []")
    assert caught.value.message == "only in pyproject.toml do the keys stand under [tool.mllint]"
    assert caught.value.line == 1
