"""Kernels: each notebook in a process of its own, forked from a warm parent or started as Jupyter does."""

import math
import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Int, Type
from traitlets.config import Config

from horetsu_utils import forking, language
from horetsu_utils.forking import Child

MANAGER = "horetsu_utils.kernels.KernelManager"
LAUNCHER = ["-m", "ipykernel_launcher"]


class Provisioner(LocalProvisioner):
    """Start a kernel, forked or fresh, and hold it to its memory."""

    warm = Bool(False, help="fork from the warm parent").tag(config=True)
    memory_bytes = Int(0, help="what a kernel may hold in memory; 0 is no limit").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that this command line describes."""
        if self.warm and cmd[1:3] == LAUNCHER and Path(cmd[0]).samefile(sys.executable):
            environment = dict(kwargs.get("env") or os.environ)
            child = forking.start(_become_kernel, cmd[3:], str(kwargs.get("cwd") or Path.cwd()), environment)
            self.process: Any = child
            self.pid = self.pgid = child.pid
            self.cwd = kwargs.get("cwd", Path.cwd())
        else:
            await super().launch_kernel(cmd, **kwargs)
            forking.watch(self.process)
        forking.hold(self.pid, self.memory_bytes)
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the process."""
        if isinstance(self.process, Child):
            status, self.process = self.process.wait(), None
            return status
        return await super().wait()


class Client(AsyncKernelClient):
    """Jupyter's client, which talks to a kernel as soon as it answers."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers on both channels.

        As `KernelClient._async_wait_for_ready` does, but for its last fifth of a second, in which it looks for what a
        kernel may have told others: ours has spoken to nobody yet.

        Errors
            RuntimeError when the kernel has died, or has not answered in so many seconds
        """
        patience = timeout or math.inf
        until = time.monotonic() + patience
        while True:
            self.kernel_info()
            with suppress(Empty):
                answer = await self.shell_channel.get_msg(timeout=1)
                if answer["msg_type"] == "kernel_info_reply":
                    await self.iopub_channel.get_msg(timeout=0.2)
                    self._handle_kernel_info_reply(answer)
                    return
            if not await self._async_is_alive():
                raise RuntimeError("カーネルが、答える前に終わりました")
            if time.monotonic() > until:
                raise RuntimeError(f"カーネルが、{patience:g}秒たっても答えませんでした")


class KernelManager(AsyncKernelManager):
    """Jupyter's manager with our provisioner and our client."""

    client_factory = Type(Client)

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.provisioner = Provisioner(kernel_id=str(uuid4()), kernel_spec=self.kernel_spec, parent=self)


def config(*, warm: bool, memory_bytes: int, connection: Path) -> Config:
    """Return how a kernel starts, and the folder in which it is reached: by no port that others could hear or take."""
    own = {"connection_file": str(connection / "kernel.json")}
    if os.name != "nt":
        own |= {"transport": "ipc", "ip": str(connection / "kernel")}
    warm = warm and forking.can_fork()
    return Config({"KernelManager": own, "Provisioner": {"warm": warm, "memory_bytes": memory_bytes}})


def _become_kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Turn this freshly forked process into a Jupyter kernel, and end it with the kernel."""
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    forking.alone()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[:] = [place for place in sys.path if place]
    sys.argv = ["ipykernel_launcher", *arguments]
    random.seed()  # all that are forked begin with the same state
    np.random.seed()
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(arguments)
    language.speak_in(app.shell)  # the package was imported before there was a shell
    app.start()
    os._exit(os.EX_OK)
