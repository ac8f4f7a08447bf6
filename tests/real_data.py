"""Paths of real data for optional tests.

The environment variable VOC_TEST_DATA names its folder; by default ../shared next to the project.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("VOC_TEST_DATA", ROOT.parent / "shared"))
SCENES = DATA / "data" / "scenes"
VOC2012_REFERENCE = DATA / "data" / "voc2012_reference"
WEIGHTS = DATA / "weights" / "resnet18_standin.pth"

MISSING = f"no test data in {DATA} (set VOC_TEST_DATA)"
