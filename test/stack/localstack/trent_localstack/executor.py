"""LocalStack Lambda executor that runs Node.js functions as plain child processes: no Docker.

Chosen with LAMBDA_RUNTIME_EXECUTOR=node-process. One execution environment = one `node` running AWS's own
runtime client (aws-lambda-ric). LocalStack keeps environments warm and starts more under concurrency.

TRENT_NODE     the node binary of the functions (default: node on PATH)
TRENT_RIC      folder of the npm package aws-lambda-ric
"""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .runtime import RuntimeApi

ENTRY = Path(__file__).parent / "node" / "entry.mjs"


class NodeProcessExecutor(RuntimeExecutor):
    def __init__(self, id: str, function_version: FunctionVersion):
        super().__init__(id, function_version)
        self.env: dict[str, str] = {}
        self.api: RuntimeApi | None = None
        self.process: subprocess.Popen | None = None
        self.output = bytearray()

    def start(self, env_vars: dict[str, str]) -> None:
        self.env = env_vars
        self._spawn()

    def stop(self) -> None:
        self._kill()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        function = self.function_version
        timeout = function.config.timeout or 3
        request_id = payload["invoke-id"]
        if self.process is None or self.process.poll() is not None:
            self._spawn()
        self.output.clear()
        began = time.monotonic()
        result = self.api.submit({**payload, "deadline-ms": int((time.time() + timeout) * 1000)})
        body, is_error = self._await(result, request_id, began + timeout, timeout)
        time.sleep(0.005)  # let the last line of output arrive
        ms = (time.monotonic() - began) * 1000
        logs = (
            f"START RequestId: {request_id} Version: {function.id.qualifier}\n"
            + self.get_logs()
            + f"END RequestId: {request_id}\n"
            + f"REPORT RequestId: {request_id}\tDuration: {ms:.2f} ms\tBilled Duration: {int(ms) + 1} ms"
            + f"\tMemory Size: {function.config.memory_size} MB\tMax Memory Used: {function.config.memory_size} MB\n"
        )
        return InvocationResult(request_id, body, is_error=is_error, logs=logs)

    def _await(self, result: queue.Queue, request_id: str, deadline: float, timeout: int) -> tuple[bytes, bool]:
        """The runtime's answer; or AWS's own words when the process died or ran out of time."""
        while time.monotonic() < deadline:
            try:
                return result.get(timeout=0.05)
            except queue.Empty:
                if self.process.poll() is not None:
                    status = self.process.returncode
                    self._kill()
                    return _failure("Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: exit status {status}")
        self._kill()
        return _failure("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds")

    def _spawn(self) -> None:
        function = self.function_version.config
        code = str(function.code.get_unzipped_code_location())
        opt = self._opt()
        self.api = RuntimeApi()
        self.output.clear()
        env = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": tempfile.gettempdir(),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **{name: str(value) for name, value in self.env.items()},
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_RUNTIME_API": self.api.address,
            "LAMBDA_TASK_ROOT": code,
            "NODE_PATH": f"{opt}/nodejs/node24/node_modules:{opt}/nodejs/node_modules",
            "TRENT_RIC": os.environ["TRENT_RIC"],
            "_HANDLER": function.handler,
        }
        self.process = subprocess.Popen(
            [os.environ.get("TRENT_NODE", "node"), str(ENTRY), function.handler],
            cwd=code, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._collect, args=(self.process,), daemon=True).start()
        deadline = time.monotonic() + config.LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT
        while not self.api.ready.wait(0.02):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self._kill()
                raise RuntimeError(f"the runtime did not start: {self.get_logs()[-2000:]}")
        if self.api.init_error:
            error = self.api.init_error
            self._kill()
            raise StatusErrorException("Environment startup failed", payload=error)

    def _opt(self) -> str:
        """The layers of the function, merged in order: what AWS mounts at /opt."""
        layers = self.function_version.config.layers or []
        opt = Path(tempfile.gettempdir()) / "opt" / "-".join([layer.code.id for layer in layers] or ["none"])
        with _OPT_LOCK:
            if not opt.exists():
                opt.mkdir(parents=True)
                for layer in layers:
                    layer.code.prepare_for_execution()
                    shutil.copytree(layer.code.get_unzipped_code_location(), opt, dirs_exist_ok=True)
        return str(opt)

    def _collect(self, process: subprocess.Popen) -> None:
        name = self.function_version.id.function_name
        for line in process.stdout:
            self.output += line
            print(f"{name}: {line.decode(errors='replace')}", end="", file=sys.stderr, flush=True)  # LocalStack's log outlives its CloudWatch

    def _kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.api:
            self.api.close()
            self.api = None

    # The rest of LocalStack's contract.

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}{self.get_endpoint_prefix()}"

    def get_endpoint_prefix(self) -> str:
        return f"/_localstack_lambda/{self.id}"

    def get_logs(self) -> str:
        return self.output.decode(errors="replace")

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        runtime = str(function_version.config.runtime)
        if not runtime.startswith("nodejs"):
            raise NotImplementedError(f"node-process runs nodejs functions only, not {runtime}")
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        pass

    @classmethod
    def validate_environment(cls) -> bool:
        return True


class NodeProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "node-process"

    def load(self, *args, **kwargs):
        return NodeProcessExecutor


_OPT_LOCK = threading.Lock()


def _failure(error_type: str, message: str) -> tuple[bytes, bool]:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode(), True
