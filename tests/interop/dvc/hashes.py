# SPDX-License-Identifier: Apache-2.0
"""Files tracked and cached as DVC did before 3.0, by the hash that DVC itself computes of them:
hashes.py PROJECT. Called once the pipeline of PROJECT was run."""
import os
import pathlib
import sys

from dvc.fs import LocalFileSystem
from dvc_data.hashfile.hash import file_md5

MIB = 1 << 20
FILES = {
    "old/windows.csv": b"x,y\r\n1,2\r\n",
    "old/unix.csv": b"x,y\n1,2\n",
    "old/empty.csv": b"",
    # Text whose last chunk is none, a CRLF across two chunks, and what is no text at all.
    "old/tail.bin": b"ab\r\n" * (MIB // 4) + b"\0\r\n\1" * 64,
    "old/across.txt": b"a" * (MIB - 1) + b"\r\nb\r\n",
    "old/na\u00efve.dat": bytes(range(256)) * 8 + b"\r\n",
}

os.chdir(sys.argv[1])
os.mkdir("old")
for name, content in FILES.items():
    path = pathlib.Path(name)
    path.write_bytes(content)
    md5 = file_md5(name, LocalFileSystem(), name="md5-dos2unix")
    path.with_name(path.name + ".dvc").write_text(
        f"outs:\n- md5: {md5}\n  size: {len(content)}\n  path: {path.name}\n")
    cached = pathlib.Path(".dvc/cache", md5[:2], md5[2:])
    cached.parent.mkdir(exist_ok=True)
    cached.write_bytes(content)
    cached.chmod(0o444)
    with open("old/.gitignore", "a") as ignored:
        ignored.write(f"/{path.name}\n")
print(len(FILES), "files")
