"""A long option of `pip install` as typed in, its whole name out: `--requ` is `--requirement`."""

# All long options of `pip install`; a test holds them against pip.
_LONG_OPTIONS = frozenset(
    """
    --abi --all-releases --break-system-packages --build-constraint --cache-dir --cert
    --check-build-dependencies --client-cert --compile --config-settings --constraint
    --debug --default-timeout --disable-pip-version-check --dry-run --editable
    --exists-action --extra-index-url --find-links --force-reinstall --group --help
    --ignore-installed --ignore-requires-python --implementation --index-url --isolated
    --keyring-provider --local-log --log --log-file --no-binary --no-build-isolation
    --no-cache-dir --no-clean --no-color --no-compile --no-dependencies --no-deps --no-index
    --no-input --no-proxy-env --no-python-version-warning --no-require-hashes --no-user
    --no-warn-conflicts --no-warn-script-location --only-binary --only-dependencies
    --only-deps --only-final --platform --pre --prefer-binary --prefix --progress-bar
    --proxy --pypi-url --python --python-version --quiet --refresh-package --report
    --require-hashes --require-venv --require-virtualenv --requirement
    --requirements-from-script --resume-retries --retries --root --root-user-action --source
    --source-dir --source-directory --src --target --timeout --trusted-host --upgrade
    --upgrade-strategy --uploaded-prior-to --use-deprecated --use-feature --use-pep517
    --user --verbose
    """.split()
)


def whole_option(typed: str) -> str:
    """The option that `typed` is the beginning of; `typed` where it is none, or of several."""
    if typed in _LONG_OPTIONS:
        return typed
    found = [option for option in _LONG_OPTIONS if option.startswith(typed)]
    return found[0] if len(found) == 1 and len(typed) > 2 else typed
