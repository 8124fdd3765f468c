"""What is known of an image, and what a user wants of it, in; the order for its smoke test out."""

from mllint.config import Settings
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.tables import Tables
from mllint.verify.comparing.chosen_environment import expected_environment
from mllint.verify.comparing.system_packages import wanted_system_packages
from mllint.verify.engines.cleanup import Run
from mllint.verify.engines.engine_info import EngineInfo
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.services.serving import Serving
from mllint.verify.smoke.import_names import wanted_imports
from mllint.verify.smoke.running import Wanted
from mllint.verify.wishes import Wishes, choose_gpus


def wanted_of(
    engine: EngineInfo,
    image: ImageInfo,
    project: Project | None,
    tables: Tables,
    wishes: Wishes,
    settings: Settings,
    serving: Serving | None,
    run: Run,
) -> Wanted:
    """What is wanted; project: the plan of an image that was built."""
    service = serving.container if serving is not None else None
    asked, reason = choose_gpus(wishes, engine, image, project, tables, service)
    known = (tables.gpus.gpu(name) for name in settings.target.gpus)
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
        graceful_stop=wishes.graceful_stop,
        labels=run.labels,
        keep_as=run.container if wishes.keep else None,
        serving=serving,
    )
    stage = project.target if project is not None else None
    return wanted if stage is None else _planned(wanted, stage, tables)


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
