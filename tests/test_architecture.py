"""The direction of imports: app.py -> voc_web -> voc_model without torch; scripts -> voc_model.

A script that writes a report imports voc_web.report as well; none reaches both Flask and torch.

The imports of every file are parsed with `ast`; nothing is imported.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from real_data import ROOT
from sample_run import write_run
from score_tables import random_table

# The layers of each package, each a folder or file. A layer imports only from those to its left;
# layers separated by commas must not import each other.
LAYERS = {
    "voc_model": "errors < cpu, files, progress < data < store < metrics < model < inference"
    " < training < scoring < pipeline",
    "voc_web": "csv_files, formats, parameters < query < run < charts, serving"
    " < pages, api, report",
}
TORCH_LAYERS = ("model", "inference", "training", "scoring", "pipeline")
WEB_LAYERS = ("errors", "files", "progress", "data", "store", "metrics")

PACKAGES = ("voc_model", "voc_web", "scripts")
TORCH = {"torch", "torchvision"}
FLASK = {"flask", "flask_compress", "werkzeug", "waitress"}

# Packages whose name differs from the module's.
PROJECTS = {"PIL": "pillow", "sklearn": "scikit-learn"}


def files_of(package: str) -> list[Path]:
    """Returns the Python files of one of the project's folders."""
    return sorted((ROOT / package).rglob("*.py"))


def all_files() -> list[Path]:
    return [ROOT / "app.py", *(path for package in PACKAGES for path in files_of(package))]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def path_of(module: str) -> Path | None:
    """Returns the file of one of the project's modules; None for other modules."""
    base = ROOT.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def import_nodes(path: Path) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Yields every import of a file, and whether it is at the top level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, node in tree.body


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Returns the modules that a file imports; a.b for `from a import b` if a.b is a module."""
    names: set[str] = set()
    for node, _ in import_nodes(path):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
            continue
        assert node.module is not None and node.level == 0, f"{path}: a relative import"
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            names.add(inner if path_of(inner) else node.module)
    return frozenset(names)


@cache
def reach_of(module: str) -> frozenset[str]:
    """Returns all modules that importing one imports, directly or through the project's modules."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        path = path_of(name)
        if path:
            # Python runs a package's __init__ before its modules.
            waiting += [*imports_of(path), *filter(None, [name.rpartition(".")[0]])]
    return frozenset(reached)


def top(names: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


# Parsing imports ---------------------------------------------------------------------------------


def test_imports_are_parsed() -> None:
    assert "torch" in imports_of(ROOT / "voc_model" / "model" / "classifier.py")
    assert "voc_model.store.scores" in imports_of(ROOT / "voc_model" / "metrics" / "evaluation.py")
    assert "voc_web.pages.rankings" in imports_of(ROOT / "voc_web" / "__init__.py")
    assert top(reach_of("scripts.train")) > TORCH
    assert "voc_model.store.npz" in reach_of("app"), "indirectly"
    assert len(all_files()) > 40


# Packages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package: str) -> None:
    allowed = {
        "voc_model": {"voc_model"},
        "voc_web": {"voc_web", "voc_model"},
        "scripts": {"scripts", "voc_model", "voc_web"},
    }[package]
    for path in files_of(package):
        imported = top(imports_of(path)) & {*PACKAGES, "app", "tests", "benchmarks"}
        assert imported <= allowed, path


def test_the_application_imports_no_script() -> None:
    imported = top(imports_of(ROOT / "app.py")) & {*PACKAGES, "tests", "benchmarks"}
    assert imported == {"voc_model", "voc_web"}


def test_flask_stays_on_the_web_side() -> None:
    for path in files_of("voc_model"):
        assert not top(reach_of(module_name(path))) & FLASK, path


def test_scripts_use_the_report_of_the_web_side_only_and_then_no_torch() -> None:
    reporting = []
    for path in files_of("scripts"):
        layers = {layer_of(name, "voc_web") for name in imports_of(path)} - {None}
        assert layers <= {"report"}, path
        reached = top(reach_of(module_name(path)))
        if layers:
            reporting.append(path.name)
            assert not reached & TORCH, path
        else:
            assert not reached & FLASK, path
    assert reporting == ["write_report.py"]


def test_torch_stays_on_the_offline_side() -> None:
    for path in files_of("voc_web"):
        assert not top(reach_of(module_name(path))) & TORCH, path


def test_the_application_does_not_import_torch() -> None:
    assert not top(reach_of("app")) & TORCH


def test_the_web_side_imports_only_layers_without_torch() -> None:
    for path in [ROOT / "app.py", *files_of("voc_web")]:
        imported = {layer_of(name) for name in imports_of(path)} - {None}
        assert imported <= set(WEB_LAYERS), path


# Within a package -------------------------------------------------------------------------------


def layer_of(module: str, package: str = "voc_model") -> str | None:
    """Returns the layer of a module of a package; None for other modules."""
    name, *inner = module.split(".")
    return inner[0] if name == package and inner else None


def layers_left_of(package: str, layer: str) -> set[str]:
    """Returns the layers that a layer may import from."""
    groups = [set(group.split(", ")) for group in LAYERS[package].split(" < ")]
    position = next(index for index, group in enumerate(groups) if layer in group)
    return set[str]().union(*groups[:position])


@pytest.mark.parametrize("package", LAYERS)
def test_layers_lists_every_folder_and_file(package: str) -> None:
    found = {layer_of(module_name(path), package) for path in files_of(package)} - {None}
    assert found == set(re.findall(r"\w+", LAYERS[package]))


@pytest.mark.parametrize("package", LAYERS)
def test_a_layer_imports_only_from_layers_left_of_it(package: str) -> None:
    for path in files_of(package):
        layer = layer_of(module_name(path), package)
        if layer:  # The package's own __init__ may import all of them.
            imported = {layer_of(name, package) for name in imports_of(path)} - {None, layer}
            assert imported <= layers_left_of(package, layer), path


@pytest.mark.parametrize("path", files_of("voc_model"), ids=lambda path: path.stem)
def test_torch_stays_in_its_layers(path: Path) -> None:
    if layer_of(module_name(path)) not in TORCH_LAYERS:
        assert not top(reach_of(module_name(path))) & TORCH


def test_there_are_no_circular_imports() -> None:
    for path in all_files():
        module = module_name(path)
        for imported in imports_of(path):
            if path_of(imported):
                # Every file of a package reaches the package's __init__, which does not count.
                own = {module} - {module.partition(".")[0]}
                assert not own & reach_of_files(imported), f"{path} and {imported}"


@cache
def reach_of_files(module: str) -> frozenset[str]:
    """Like reach_of, without the implicit imports of packages."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = path_of(name)
        if path and name not in reached:
            reached.add(name)
            waiting += imports_of(path)
    return frozenset(reached)


@pytest.mark.parametrize("path", all_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_are_at_the_top_level(path: Path) -> None:
    hidden = [node.lineno for node, at_top in import_nodes(path) if not at_top]
    assert hidden == [], f"{path}: nested imports in these lines"


def test_no_file_is_called_utils() -> None:
    names = {path.stem for path in all_files()}
    assert not names & {"util", "utils", "helper", "helpers", "common", "misc"}


# Requirements ------------------------------------------------------------------------------------


def required(name: str) -> set[str]:
    """Returns the packages that a requirements file lists, including those of nested files."""
    found = set()
    for line in (ROOT / name).read_text().splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["-r"]:
            found |= required(words[1])
        elif words and not words[0].startswith("-"):
            match = re.match(r"[\w.-]+", words[0])
            assert match, line
            found.add(match.group().lower())
    return found


def third_party(paths: list[Path]) -> dict[str, Path]:
    """Returns the third-party packages that files import, each with a file that imports it."""
    found = {}
    own = {path.stem for path in (ROOT / "tests").glob("*.py")} | {"app", *PACKAGES}
    for path in paths:
        for name in top(imports_of(path)) - own - set(sys.stdlib_module_names):
            # Benchmarks run with their own folder first on the path.
            if not (path.parent / f"{name}.py").is_file():
                found[PROJECTS.get(name, name.replace("_", "-")).lower()] = path
    return found


def test_imported_packages_are_required() -> None:
    imported = third_party(all_files())
    assert {"flask", "torch", "pillow"} <= imported.keys()
    missing = imported.keys() - required("requirements.txt")
    assert not missing, [(name, str(imported[name])) for name in missing]


def test_pyproject_and_requirements_list_the_same_dependencies() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)["project"]["dependencies"]
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    installed = [line.partition("#")[0].strip() for line in lines]
    assert declared == [line for line in installed if line and not line.startswith("-")]


def test_imports_of_tests_and_benchmarks_are_required_for_development() -> None:
    imported = third_party(files_of("tests") + files_of("benchmarks"))
    missing = imported.keys() - required("requirements-dev.txt")
    assert not missing, [(name, str(imported[name])) for name in missing]


# At run time -------------------------------------------------------------------------------------

# Serves pages, then prints the imported modules.
SERVE = """
import sys
from pathlib import Path
import app
from voc_model.store.runs import RunFolder
from voc_web import create_app
from voc_web.run.opened_run import RunReader

client = create_app(RunReader(RunFolder(Path(sys.argv[1]))), Path(sys.argv[2])).test_client()
for url in ("/", "/classes/dog", "/average-precision", "/tail-accuracy", "/api/v1/"):
    assert client.get(url).status_code == 200, url
print(*sys.modules)
"""


def test_the_server_runs_without_torch(tmp_path: Path) -> None:
    table = random_table(images=5)
    ids = [table.image_id(row) for row in range(5)]
    run = tmp_path / "runs" / "sample"
    write_run(run, tmp_path, ids, table.classes, table.scores, table.labels)
    served = subprocess.run(
        [sys.executable, "-c", SERVE, str(run), str(tmp_path / "cache")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert served.returncode == 0, served.stderr
    imported = {name.partition(".")[0] for name in served.stdout.split()}
    assert {"flask", "voc_web", "numpy"} <= imported
    # Nothing that only the offline side needs, and nothing slow to import.
    assert not imported & {*TORCH, "matplotlib", "sklearn", "scipy"}
