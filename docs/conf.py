"""How Sphinx builds these pages: `make docs`, without a network."""

import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

project = "gostack_nb"
project_copyright = "the authors of gostack_nb, Apache License 2.0"
release = metadata.version("gostack-nb")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon", "generated"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True
nitpick_ignore_regex = [
    # Words of docstrings and types of other packages: nothing is fetched to link them.
    ("py:.*", r"(?!gostack_nb\.).*"),
    # Made and passed on by the package itself.
    ("py:class", r"gostack_nb\..*\.(Catalogue|Content|Readable|Wanted|History)"),
]

default_role = "code"
autosummary_generate = False
add_module_names = False
python_use_unqualified_type_names = True
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]

html_theme = "furo"
html_title = "gostack_nb"
html_static_path = ["_static"]
html_css_files = ["own.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
