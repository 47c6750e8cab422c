"""Stop with a clear error where the other package named `autograd` lies mixed into this folder.

Both would be installed as `autograd/`, and installers overwrite files without a word.
"""

import os

_FILES_OF_THE_OTHER = ("differential_operators.py", "tracer.py", "extend.py", "wrap_util.py")


def check(folder: str) -> None:
    """Raise ImportError if files that only the other package has lie in the folder."""
    found = [name for name in _FILES_OF_THE_OTHER if os.path.exists(os.path.join(folder, name))]
    if found:
        raise ImportError(
            "two packages that are both imported as `autograd`, gradtable and HIPS autograd, are "
            f"installed into this environment, and their files are mixed: {', '.join(found)} in "
            f"{folder} belong to the other. Uninstall both (`pip uninstall autograd gradtable`), "
            "then install the one you need, or give each an environment of its own."
        )


check(os.path.dirname(__file__))
