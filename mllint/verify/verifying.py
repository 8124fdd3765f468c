"""A Dockerfile or an image and options in, a `Verification` out: built, tested and compared.

Whatever happens, what the run made on the engine is removed.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from mllint.config import Settings
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Finding
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location, Span
from mllint.report.size import size_text
from mllint.report.visible import visible
from mllint.tables import Tables
from mllint.verify.building.builds import Builder, build, choose_builder
from mllint.verify.building.context import read_context
from mllint.verify.building.events import BuildFailed, BuildRequest, Listener, Step
from mllint.verify.comparing.chosen_environment import expected_environment
from mllint.verify.comparing.comparison import Pair
from mllint.verify.comparing.findings import accepted, findings_of
from mllint.verify.comparing.plan import compare_with_image
from mllint.verify.comparing.sizes import image_sizes
from mllint.verify.comparing.system_packages import wanted_system_packages
from mllint.verify.engines.cleanup import Run, remove_run
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import DiskFull
from mllint.verify.engines.image_info import ImageInfo, read_image, read_layers
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.smoke.import_names import wanted_imports
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.judging import smoke_test
from mllint.verify.smoke.running import Wanted, run_smoke
from mllint.verify.verification import Build, BuildFailure, Tested, Verification
from mllint.verify.wishes import Wishes, choose_gpus


class Verifier(NamedTuple):
    """What every step of a run needs; listener: is told what happens in the build."""

    engine: Engine
    run: Run
    cwd: Path
    settings: Settings
    tables: Tables
    wishes: Wishes
    environ: Mapping[str, str]
    listener: Listener

    def verify_dockerfile(self, project: Project, text: bytes, path: Path) -> Verification:
        """Build it, test it, and hold it against the plan; raises EngineError."""
        with self._removing():
            builder, request = self._builder(project, text, path)
            made, image = self._build(project, builder, request)
            pairs: tuple[Pair, ...] = ()
            tested: Tested | None = None
            findings: tuple[Finding, ...] = ()
            if image is not None:
                given, gpu = self._smoke(image, project)
                pairs = compare_with_image(project, self.tables, given.facts, image)
                findings = findings_of(pairs, project, text, self.settings, self.cwd)
                given = given._replace(pairs=accepted(pairs, findings))
                tested = self._tested(given, gpu, pairs, project)
        kept = self.run.image if self.wishes.keep and image is not None else None
        left = remove_run(self.engine, self.run, keep_image=kept is not None)
        return self._verification(project.path, project, made, tested, findings, kept, left)

    def verify_image(self, name: str) -> Verification:
        """Test an image that is there; raises ImageMissing."""
        with self._removing():
            image = read_image(self.engine, name)
            given, gpu = self._smoke(image, None)
            tested = self._tested(given, gpu, (), None)
        left = remove_run(self.engine, self.run)
        return self._verification(name, None, None, tested, (), None, left)

    @contextlib.contextmanager
    def _removing(self) -> Iterator[None]:
        """Whatever ends the block, also Ctrl-C: what the run made is removed; what stays, told."""
        try:
            yield
        except BaseException as error:
            for each in remove_run(self.engine, self.run):
                error.add_note(f"could not be removed: {each}")
            raise

    def _builder(self, project: Project, text: bytes, path: Path) -> tuple[Builder, BuildRequest]:
        wishes, settings = self.wishes, self.settings
        context = project.context.folder if project.context is not None else settings.folder
        request = BuildRequest(
            project.dockerfile,
            path,
            text,
            context,
            self.run.image,
            time.monotonic() + wishes.build_timeout_s,
            wishes.build_timeout_s,
            self.run.labels,
            settings.target.platform,
            project.options.target,
            {
                name: value
                for name, value in project.options.build_args.items()
                if isinstance(value, str)
            },
            wishes.secrets,
            wishes.build_network,
            wishes.no_cache,
            wishes.pull,
            wishes.builder,
        )
        builder = choose_builder(self.engine, request, self.environ)
        self._refuse_full_disk(request)
        return builder, request

    def _refuse_full_disk(self, request: BuildRequest) -> None:
        """Raise where not even the build context fits: what is installed comes on top of it."""
        free = self.engine.info.free_bytes()
        size = read_context(request.context, request.path, request.text).size_bytes()
        if free is not None and size > free:
            raise DiskFull(
                f"the build context {request.context} is {size_text(size)}, and the engine has"
                f" {size_text(free)} left",
                "list what the build does not need in .dockerignore, or run docker system prune",
            )

    def _build(
        self, project: Project, builder: Builder, request: BuildRequest
    ) -> tuple[Build, ImageInfo | None]:
        begun = time.monotonic()
        try:
            image = build(self.engine, request, builder, self.listener)
        except BuildFailed as error:
            if not error.step:
                # "unexpected EOF": of an engine that went away builders tell in many words.
                self.engine.read("building", "GET", "/version")
            seconds = time.monotonic() - begun
            failure = self._failure(project, error)
            return Build(builder.kind.value, seconds, failure), None
        return Build(builder.kind.value, time.monotonic() - begun), image

    def _failure(self, project: Project, error: BuildFailed) -> BuildFailure:
        line = error.at_line
        place = None if line is None else Location(project.path, Span(line, 1, line, 1))
        output = tuple(visible(text) for text in error.output)
        known = self.tables.build_failures.explain(error.told)
        return BuildFailure(
            visible(error.message),
            visible(error.step),
            place,
            output,
            known,
            known.help if known is not None else error.help,
        )

    def _smoke(self, image: ImageInfo, project: Project | None) -> tuple[SmokeInput, GpuStart]:
        step = Step("smoke test", None, "running")
        self.listener(step)
        told = run_smoke(self.engine, image, self._wanted(image, project))
        self.listener(step._replace(state="done"))
        return told

    def _tested(
        self, given: SmokeInput, gpu: GpuStart, pairs: tuple[Pair, ...], project: Project | None
    ) -> Tested:
        image = given.image
        smoke = smoke_test(given, self.tables)
        layers = read_layers(self.engine, image.id)
        sizes = image_sizes(image, layers, given.facts, project)
        return Tested(image, smoke, gpu, pairs, sizes, given.facts)

    def _wanted(self, image: ImageInfo, project: Project | None) -> Wanted:
        wishes, gpus = self.wishes, self.tables.gpus
        asked, reason = choose_gpus(wishes, self.engine.info, image, project, self.tables)
        known = (gpus.gpu(name) for name in self.settings.target.gpus)
        wanted = Wanted(
            imports=wishes.imports,
            commands=wishes.commands,
            timeout_s=wishes.timeout_s,
            gpus=asked,
            no_gpu=reason,
            targets=tuple(gpu.capability for gpu in known if gpu is not None),
            memory_bytes=wishes.memory_bytes,
            shm_bytes=wishes.shm_bytes,
            network=wishes.network,
            user=wishes.user,
            labels=self.run.labels,
        )
        stage = project.target if project is not None else None
        return wanted if stage is None else _planned(wanted, stage, self.tables)

    def _verification(
        self,
        subject: str,
        project: Project | None,
        made: Build | None,
        tested: Tested | None,
        findings: tuple[Finding, ...],
        kept: str | None,
        left: tuple[str, ...],
    ) -> Verification:
        info, endpoint = self.engine.info, self.engine.endpoint
        name = "Podman" if info.kind == "podman" else "Docker"
        platform = tested.image.platform if tested is not None else info.platform
        return Verification(
            subject,
            f"{name} {info.version} at {endpoint.url}",
            platform,
            project,
            made,
            tested,
            findings,
            self.wishes.gpu_required,
            kept,
            left,
        )


def _planned(wanted: Wanted, stage: Stage, tables: Tables) -> Wanted:
    """With what the plan of the stage adds."""
    wanted = wanted._replace(
        system_packages=wanted_system_packages(stage), base=stage.base.reference.text
    )
    environment = expected_environment(stage)
    if environment is None:
        return wanted
    asked = wanted_imports(environment, tables)
    return wanted._replace(
        distributions=asked.distributions,
        modules_of=asked.modules_of,
        only_conda=asked.only_conda,
    )
