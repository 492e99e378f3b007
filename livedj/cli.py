"""The command line: one thin command a verb.

Exit codes: 0 done, 1 a clear no (said in one sentence), 2 wrong usage, 70 an unexpected fault, 130 interrupted.
"""

import functools
import logging
import logging.handlers
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livedj import __version__, settings
from livedj.blind_test import blind_test
from livedj.errors import LiveDjError, SettingsError
from livedj.lists import journey, mix, playlist, similar
from livedj.music import Seconds

if TYPE_CHECKING:
    from livedj.library.pool import MakePool
    from livedj.library.progress import Progress

_log = logging.getLogger(__name__)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path, resolve_path=True)
_INTERRUPTED = 130


class _UnexpectedFault(click.ClickException):
    exit_code = 70
    """EX_SOFTWARE of sysexits.h: unlike after a clear no, a night goes on after this."""


class _Group(click.Group):
    """Turns what can go wrong into one sentence and exit code 1; what nobody foresaw goes into the log in full.

    A verb that has more to say at Ctrl-C than that it has stopped raises click.Abort with the rest.
    """

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except LiveDjError as error:
            raise click.ClickException(str(error)) from error
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort) as stop:
            click.echo(f"\nStopped. {stop}".rstrip(), err=True)
            sys.exit(_INTERRUPTED)
        except Exception as error:
            _log.exception("unexpected")
            sentence = f"An unexpected fault ({type(error).__name__}). Please report it with {settings.LOG_FILE}."
            raise _UnexpectedFault(sentence) from error


@click.group(cls=_Group, invoke_without_command=True)
@click.version_option(__version__, prog_name="livedj")
@click.pass_context
def main(context: click.Context) -> None:
    """Listen to the room and play what goes well next.

    Without a command the window opens.
    """
    if context.invoked_subcommand is None:
        context.invoke(run)
    elif context.invoked_subcommand != run.name:
        _log_to_file()


for _verb in (similar, playlist, journey, mix, blind_test):
    main.add_command(_verb)


def _log_to_file() -> None:
    """Keep a log of trouble, at most two megabytes and nothing of what is heard; what nobody caught goes there too."""
    try:
        settings.LOG_FILE.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            settings.LOG_FILE, maxBytes=1_000_000, backupCount=1, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    logging.basicConfig(handlers=[handler], format="%(asctime)s %(threadName)s %(levelname)s %(message)s")
    sys.excepthook = lambda kind, error, trace: _log.error("uncaught", exc_info=(kind, error, trace))
    threading.excepthook = lambda lost: _log.error("uncaught in %s", lost.thread, exc_info=lost.exc_value)


@main.command()
@click.option("--demo", "excerpt", type=click.FloatRange(min=10), metavar="N", help="Auto-DJ, N seconds of each song.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), metavar="N",
              help="Draw chance from N, as a former night did whose log begins with this seed.")
@click.option("--child", is_flag=True, hidden=True)
@click.option("--resume", default="", hidden=True)
def run(
    excerpt: float | None = None, seed: int | None = None, *, child: bool = False, resume: str = ""
) -> None:
    """Open the window.

    Should the program die while auto-DJ is on, or songs wait in the queue, it is started again and goes on there.
    """
    from livedj.night.supervisor import supervise

    if child:
        _log_to_file()
        sys.exit(_open_window(None if excerpt is None else Seconds(excerpt), resume, seed))
    command = [sys.executable, "-m", "livedj", run.name or "", "--child"]
    command += [] if excerpt is None else ["--demo", str(excerpt)]
    command += [] if seed is None else ["--seed", str(seed)]
    sys.exit(supervise(command, settings.DATA_FOLDER, lambda sentence: click.echo(sentence, err=True)))


def _open_window(excerpt: Seconds | None, resume: str, seed: int | None) -> int:
    import ui  # Qt loads only for the window
    from livedj.app import App
    from livedj.library.shelf import Shelf

    if not ui.has_screen():
        raise click.ClickException("There is no screen for the window. Without one, try: livedj listen.")
    kept, resume = _settings_for(resume)
    app = App(kept, excerpt=excerpt, resume=resume, seed=seed)
    app.start()
    try:
        shelf, history = Shelf(settings.DATA_FOLDER), ui.history_in(settings.DATA_FOLDER)
        return ui.run_until_closed(ui.open_window(app.look, app.send, app.cover, shelf, history, app.preview))
    finally:
        app.stop()


def _settings_for(resume: str) -> tuple[settings.Settings, str]:
    """Return the settings, and the sentence to resume with, if any: then the night matters more than the settings."""
    try:
        return settings.load(), resume
    except SettingsError as error:
        if not resume:
            raise
        return settings.Settings(auto=True), f"{resume} {error}"


@main.command()
@click.option("--dask", "scheduler", metavar="ADDRESS",
              help="Let the workers of this Dask scheduler read the files, for example tcp://HOST:8786. They must see "
                   "them at the same place.")
@click.argument("folders", nargs=-1, type=_FOLDER)
def scan(folders: tuple[Path, ...], scheduler: str | None) -> None:
    """Take the songs of FOLDERS into the library, and remember the folders.

    Without FOLDERS those remembered are looked through again. Ctrl-C stops; the next scan goes on where it was.
    """
    from livedj.library.catalogue import FILE_NAME, Catalogue

    data = settings.DATA_FOLDER
    pool = None if scheduler is None else _workers_of(scheduler, data)
    with Catalogue(data / FILE_NAME) as catalogue:
        for folder in folders:
            catalogue.add_folder(folder)
        remembered = catalogue.folders()
    if not remembered:
        raise click.UsageError("There is no music folder yet. Name one: livedj scan FOLDER.")
    _scan_all(pool)


def _scan_all(pool: "MakePool | None" = None) -> None:
    """Scan all music folders, with a bar for each pass."""
    from livedj.bar import Bar, label_of
    from livedj.library.models import Models
    from livedj.library.scanner import Scanner

    data, workers = settings.DATA_FOLDER, settings.load().scan_workers
    with ExitStack() as bars:
        shown: dict[str, Bar] = {}

        def show(progress: "Progress") -> None:
            label = label_of(progress)
            if label not in shown:
                bars.close()  # the bar before stays as it is
                shown[label] = Bar(bars, label, progress.done)
            shown[label].show(progress)

        try:
            Scanner(data, Models(data).wanted(), workers, show, pool=pool).scan()
        except KeyboardInterrupt as stop:
            raise click.Abort("The next scan goes on where this one was.") from stop
    _report_library()


def _workers_of(scheduler: str, data: Path) -> "MakePool":
    try:
        from livedj.library.cluster import cluster_pool
    except ModuleNotFoundError as error:
        raise _missing(error, "Scanning over several machines", "cluster") from error
    return functools.partial(cluster_pool, scheduler, data)


def _missing(error: ModuleNotFoundError, work: str, extra: str) -> click.ClickException:
    return click.ClickException(f"{work} needs more packages ({error.name} is missing): pip install 'livedj[{extra}]'.")


def _report_library() -> None:
    from livedj.ear.encoder import read_card
    from livedj.library.catalogue import FILE_NAME, Catalogue
    from livedj.library.files import shown
    from livedj.library.models import Models

    card = read_card(Models(settings.DATA_FOLDER).serving())
    with Catalogue(settings.DATA_FOLDER / FILE_NAME) as catalogue:
        size, problems = catalogue.in_folders(card.sha256), catalogue.problems()
    click.echo(f"{size} songs in the library.")
    for problem in problems:
        click.echo(f"skipped {shown(problem.path)}: {problem.reason} {problem.remedy}")


@main.command()
def listen() -> None:
    """Show in the terminal what goes well next, until Ctrl-C. Plays nothing."""
    from livedj.terminal import listen_until_interrupted

    listen_until_interrupted(settings.load(), settings.DATA_FOLDER)


@main.command()
def devices() -> None:
    """List the sound inputs; the one in use is marked."""
    from livedj.listen.heard import DEFAULT_INPUT, InputDevice
    from livedj.listen.microphone import PortAudioMicrophone

    kept = settings.load()
    chosen = InputDevice(kept.input_name, kept.input_host_api)
    microphone = PortAudioMicrophone()
    try:
        microphone.open(DEFAULT_INPUT)
    finally:
        inputs = microphone.inputs()
        microphone.close()
        for device in (DEFAULT_INPUT, *inputs):
            click.echo(f"{'*' if device == chosen else ' '} {device.label}")


@main.command()
def doctor() -> None:
    """Check everything livedj stands on; exit code 1 where something vital does not work."""
    from livedj.doctor import examine

    sick = False
    for finding in examine(settings.DATA_FOLDER, settings.load()):
        colour = "green" if not finding.advice else "red" if finding.vital else "yellow"
        mark = click.style("!!" if finding.advice else "ok", fg=colour)
        click.echo(f"{mark}  {finding.subject:<11} {finding.truth}")
        if finding.advice:
            click.echo(f"    {'':<11} → {finding.advice}")
            sick = sick or finding.vital
    sys.exit(1 if sick else 0)


@main.command()
@click.option("--playlists", type=_FOLDER, required=True, help="Folder with your m3u, m3u8, pls and xspf lists.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("taste.tflite"),
              show_default=True, help="Where the model goes, its card beside it.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="The longest that it may learn.")
def train(playlists: Path, out: Path, minutes: float | None) -> None:
    """Teach the model your taste, from your playlists and from what was played in one session.

    Ctrl-C stops; the same command goes on where it was.
    """
    try:
        from livedj.train.taste.command import learn
    except ModuleNotFoundError as error:
        raise _missing(error, "Training", "train") from error
    try:
        learn(playlists, out, settings.DATA_FOLDER, minutes)
    except KeyboardInterrupt as stop:
        raise click.Abort("The same command goes on where this one was.") from stop
    name = click.format_filename(out)
    click.echo(f"{name} is the model of your taste. Use it: livedj model use {name}")


@main.group()
def library() -> None:
    """Check, repair, export and import what livedj knows of your music; your files are never touched."""


@library.command("folders")
def list_folders() -> None:
    """List the music folders."""
    from livedj.library.catalogue import FILE_NAME, Catalogue

    with Catalogue(settings.DATA_FOLDER / FILE_NAME) as catalogue:
        for folder in catalogue.folders():
            click.echo(click.format_filename(folder))


@library.command("remove")
@click.argument("folder", type=click.Path(path_type=Path))
def remove_folder(folder: Path) -> None:
    """Take the music folder FOLDER from the library: its songs are proposed no more.

    They stay on disk, and what is known of them is kept for when the folder is added again.
    """
    from livedj.library.catalogue import FILE_NAME, Catalogue
    from livedj.library.files import real_path

    with Catalogue(settings.DATA_FOLDER / FILE_NAME) as catalogue:
        named = {folder.absolute(), real_path(folder)}.intersection(catalogue.folders())
        if not named:
            name = click.format_filename(folder)
            raise click.UsageError(f"{name} is no music folder. Those are told by: livedj library folders.")
        for path in named:
            catalogue.remove_folder(path)
    _report_library()


@library.command("check")
def check_library() -> None:
    """Say whether the library is whole; exit code 1 where it is not."""
    from livedj.library import upkeep

    wrong = list(upkeep.check(settings.DATA_FOLDER))
    for sentence in wrong:
        click.echo(sentence)
    click.echo("Mend it: livedj library repair" if wrong else "The library is whole.")
    sys.exit(1 if wrong else 0)


@library.command("repair")
def repair_library() -> None:
    """Save what can be saved; the next scan hears the rest anew. A damaged file is kept."""
    from livedj.library import upkeep

    done = list(upkeep.repair(settings.DATA_FOLDER))
    for sentence in done or ["There was nothing to repair."]:
        click.echo(sentence)


@library.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_library(file: Path) -> None:
    """Write all that was found out about your music, and what was played, into FILE."""
    from livedj.library import upkeep

    upkeep.export(settings.DATA_FOLDER, file)
    name = click.format_filename(file)
    click.echo(f"{name} holds the library. Bring it in elsewhere: livedj library import {name}")


@library.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_library(file: Path) -> None:
    """Add what FILE knows and this library does not.

    The songs may lie elsewhere on this computer: the next scan recognises them by their sound.
    """
    from livedj.library import upkeep

    click.echo(f"{upkeep.bring_in(settings.DATA_FOLDER, file)} songs added. Find them here: livedj scan FOLDER")


@main.group()
def model() -> None:
    """Show the model that hears, or bring another one."""


@model.command("show")
@click.option("--json", "as_json", is_flag=True, help="The whole card as it stands in its file.")
def show_model(as_json: bool) -> None:
    """Print the card of the model in use.

    Where another one is to take over, it says how many of your songs that one has heard.
    """
    from livedj.model import card_in_use, standing

    click.echo(card_in_use(settings.DATA_FOLDER) if as_json else standing(settings.DATA_FOLDER))


@model.command("use")
@click.argument("file", metavar="FILE.tflite|shipped")
def use_model(file: str) -> None:
    """Hear with another model.

    FILE.tflite, with its card FILE.json beside it, is tried out and copied. Your songs are then heard anew while the
    former model serves, until the new one takes over. The word "shipped" in place of a file goes back to the model
    that ships with livedj.
    """
    from livedj.model import SHIPPED, use, use_shipped

    data = settings.DATA_FOLDER
    click.echo(use_shipped(data) if file == SHIPPED else use(data, Path(file)))


@main.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("out/demo"), show_default=True,
              help="Where the recording, the pictures and the timeline go.")
def demo(out: Path) -> None:
    """Let livedj hear a song in a virtual room, propose, and play through three transitions."""
    from livedj.demo.director import perform

    perform(out)
