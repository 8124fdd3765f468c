"""A Dockerfile or an image and options in, a `Verification` out: built, tested and compared.

Whatever happens, what the run made on the engine is removed.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from mllint.config import Settings
from mllint.facts.project import Project
from mllint.finding import Finding
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location, Span
from mllint.report.visible import visible
from mllint.tables import Tables
from mllint.verify.building.builds import Builder, build, choose_builder
from mllint.verify.building.events import BuildFailed, BuildRequest, Listener, Step
from mllint.verify.building.least_size import refuse_full_disk
from mllint.verify.comparing.comparison import Pair
from mllint.verify.comparing.findings import accepted, findings_of
from mllint.verify.comparing.plan import compare_with_image
from mllint.verify.comparing.sizes import image_sizes
from mllint.verify.engines.cleanup import Run, remove_run
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.image_info import ImageInfo, read_image, read_layers
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.plan import Plan
from mllint.verify.services.asking import AskedService
from mllint.verify.services.mounting import stand_ins
from mllint.verify.services.serving import Serving
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.judging import smoke_test
from mllint.verify.smoke.running import run_smoke
from mllint.verify.verification import (
    Build,
    BuildFailure,
    Kept,
    Tested,
    Verification,
    VerifiedService,
)
from mllint.verify.wanting import wanted_of
from mllint.verify.wishes import Wishes


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
    service: AskedService | None = None

    def verify_plan(self, plan: Plan) -> Verification:
        """Build it, test it, and hold it against the plan; raises EngineError."""
        project, text = plan.project, plan.text
        with self._removing():
            builder, request = self._builder(plan)
            made, image = self._build(project, builder, request)
            pairs: tuple[Pair, ...] = ()
            tested: Tested | None = None
            findings: tuple[Finding, ...] = ()
            if image is not None:
                given, gpu = self._smoke(image, project)
                pairs = compare_with_image(project, self.tables, given.facts, image)
                findings = findings_of(pairs, project, text, self.settings, self.cwd)
                given = given._replace(pairs=accepted(pairs, findings))
                tested = self._tested(image, given, gpu, pairs, project)
        kept = self._kept(self.run.image if image is not None else None, tested)
        left = remove_run(self.engine, self.run, [name for name in kept if name])
        subject = project.path if self.service is None else self.service.file
        return self._verification(subject, project, made, tested, findings, kept, left)

    def verify_image(self, name: str) -> Verification:
        """Test an image that is there; raises ImageMissing."""
        with self._removing():
            image = read_image(self.engine, name)
            given, gpu = self._smoke(image, None)
            tested = self._tested(image, given, gpu, (), None)
        kept = self._kept(None, tested)
        left = remove_run(self.engine, self.run, [name for name in kept if name])
        subject = name if self.service is None else self.service.file
        return self._verification(subject, None, None, tested, (), kept, left)

    def _kept(self, image: str | None, tested: Tested | None) -> Kept:
        """What is to stay of what was made."""
        if not self.wishes.keep:
            return Kept()
        return Kept(image, self.run.container if tested is not None and tested.probed else None)

    @contextlib.contextmanager
    def _removing(self) -> Iterator[None]:
        """Whatever ends the block, also Ctrl-C: what the run made is removed; what stays, told."""
        try:
            yield
        except BaseException as error:
            for each in remove_run(self.engine, self.run):
                error.add_note(f"could not be removed: {each}")
            raise

    def _builder(self, plan: Plan) -> tuple[Builder, BuildRequest]:
        project, path, text = plan.project, plan.path, plan.text
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
            self.run.build_labels,
            project.options.platform if self.service is not None else settings.target.platform,
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
            wishes.build_shm_bytes,
        )
        builder = choose_builder(self.engine, request, self.environ)
        refuse_full_disk(self.engine, request, project, self.tables)
        return builder, request

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
        wishes, settings, serving = self.wishes, self.settings, self._serving()
        wanted = wanted_of(
            self.engine.info, image, project, self.tables, wishes, settings, serving, self.run
        )
        told = run_smoke(self.engine, image, wanted)
        self.listener(step._replace(state="done"))
        return told

    def _tested(
        self,
        image: ImageInfo,
        given: SmokeInput,
        gpu: GpuStart,
        pairs: tuple[Pair, ...],
        project: Project | None,
    ) -> Tested:
        smoke = smoke_test(given, self.tables)
        layers = read_layers(self.engine, image.id)
        sizes = image_sizes(image, layers, given.facts, project)
        probed = given.probe is not None and given.probe.start_error is None
        return Tested(image, smoke, gpu, pairs, sizes, given.facts, given.volumes, probed)

    def _serving(self) -> Serving | None:
        """The service as its containers are to be, with what stands in for its mounts."""
        if self.service is None:
            return None
        of, files = self.service.container, self.service.files
        return Serving(of, stand_ins(of.mounts, files, self.engine, self.run.volume))

    def _verified(self, tested: Tested | None) -> VerifiedService | None:
        asked = self.service
        if asked is None:
            return None
        of, volumes = asked.container, tested.volumes if tested is not None else ()
        sizes = (self.wishes.shm_bytes, self.wishes.memory_bytes)
        return VerifiedService(asked.name, asked.path, asked.line, of.user, *sizes, volumes)

    def _verification(
        self,
        subject: str,
        project: Project | None,
        made: Build | None,
        tested: Tested | None,
        findings: tuple[Finding, ...],
        kept: Kept,
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
            self._verified(tested),
        )
