#!/usr/bin/env bash
# Installs, starts and stops the AWS stacks on this machine that the tests deploy to. No Docker, no account, no token.
#
#   stack.sh install            needs Linux, Python 3.13, Java 17, Maven, npm, openssl; does nothing when nothing changed
#   stack.sh start localstack   or ministack, or dynamodb (DynamoDB Local alone); returns when it answers
#   stack.sh stop
#
# TRENT_STACK_DIR: what is installed (~/.cache/trent-stack), shared by all checkouts. TRENT_STACK_PORT: the port (4566).
# The log is .stack/<name>.log in the project's folder.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../.." && pwd)
installed=${TRENT_STACK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/trent-stack}
running=$project/.stack
port=${TRENT_STACK_PORT:-4566}
node=$project/node_modules/.bin/node

# What the app needs of AWS. Not KMS: a stack's own KMS must never answer in Trent's place.
services=apigateway,cloudformation,cloudwatch,dynamodb,dynamodbstreams,ec2,ecr,events,iam,lambda,logs,s3,scheduler,secretsmanager,sns,sqs,ssm,sts

fail() {
  echo "The stack tests cannot run: $*" >&2
  exit 1
}

# With pyenv, `python3.13` answers only when a version is chosen.
python313() {
  PYENV_VERSION=$(pyenv versions --bare 2>/dev/null | grep -m1 '^3\.13\.' || true) python3.13 "$@"
}

install() {
  mkdir -p "$installed"
  exec 9>"$installed/lock" && flock 9 # another checkout may be installing
  local stamp tool
  stamp=$({ declare -f install; cat "$here"/{localstack,ministack}/*.txt "$here/dynamodb-local/pom.xml"; } | sha256sum)
  [ "$(cat "$installed/stamp" 2>/dev/null)" != "$stamp" ] || return 0
  for tool in java mvn npm openssl; do command -v "$tool" >/dev/null || fail "$tool is not installed."; done
  python313 -c '' 2>/dev/null || fail "Python 3.13 is not installed (LocalStack runs on no other)."

  python313 -m venv --clear "$installed/localstack"
  "$installed/localstack/bin/pip" install -q -r "$here/localstack/requirements.txt" -c "$here/localstack/constraints.txt" ||
    fail "LocalStack could not be installed from PyPI."

  python313 -m venv --clear "$installed/ministack" # its botocore is newer than LocalStack's
  "$installed/ministack/bin/pip" install -q -r "$here/ministack/requirements.txt" || fail "ministack could not be installed from PyPI."

  mvn -q -B -f "$here/dynamodb-local/pom.xml" dependency:copy-dependencies -DoutputDirectory="$installed/dynamodb-local" ||
    fail "DynamoDB Local could not be installed from Maven Central."

  # LocalStack would fetch this behind the first table that has a stream.
  npm install --silent --no-save --prefix "$installed/lib/kinesis-local/0.5.2" kinesis-local@0.5.2 ||
    fail "kinesis-local could not be installed from npm."

  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -keyout "$installed/key.pem" -out "$installed/cert.pem" 2>/dev/null
  cat "$installed/key.pem" >>"$installed/cert.pem"
  echo "$stamp" >"$installed/stamp"
}

start() {
  stop
  [ -e "$installed/stamp" ] || fail "nothing is installed yet: stack.sh install"
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "port $port is taken. Stop what runs there, or set TRENT_STACK_PORT."
  fi
  mkdir -p "$running"
  mktemp -d -t trent-stack.XXXXXX >"$running/folder" # functions unpacked inside the project would find its node_modules
  log=$running/$1.log
  "start_$1"
}

start_localstack() {
  local root dynamodb
  root=$(cat "$running/folder")/root
  mkdir -p "$root/var/lib/localstack"
  ln -s "$installed/lib" "$root/var/lib/localstack/lib"
  dynamodb="java -Djava.library.path=$installed/dynamodb-local -cp $installed/dynamodb-local/*"
  dynamodb+=" software.amazon.dynamodb.services.local.main.ServerRunner -inMemory -disableTelemetry -port {port}"
  # Our plugin is found by its folder of metadata on PYTHONPATH, at each start anew: hence XDG_CACHE_HOME.
  # A sandbox can look like a container to LocalStack, which then wants the socket of Docker: hence OVERRIDE_IN_DOCKER.
  launch "$installed/localstack/bin/python" -m localstack.runtime.main \
    PYTHONPATH="$here/localstack" PYTHONDONTWRITEBYTECODE=1 XDG_CACHE_HOME="$root" \
    OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT="$root" GATEWAY_LISTEN="127.0.0.1:$port" DNS_ADDRESS=0 DISABLE_EVENTS=1 \
    SKIP_SSL_CERT_DOWNLOAD=1 CUSTOM_SSL_CERT_PATH="$installed/cert.pem" SERVICES="$services" \
    LAMBDA_RUNTIME_EXECUTOR=node-process LAMBDA_KEEPALIVE_MS=30000 TRENT_NODE="$node" \
    TRENT_RIC="$project/node_modules/aws-lambda-ric" TRENT_DYNAMODB_COMMAND="$dynamodb"
  ready grep -q '^Ready' "$log"
}

start_ministack() {
  # Without the two settings of its listeners it opens port 8883 as well, on all interfaces.
  launch "$installed/ministack/bin/python" "$here/ministack/start.py" \
    PATH="$(dirname "$node"):$PATH" GATEWAY_PORT="$port" BIND_HOST=127.0.0.1 IOT_MTLS_ENABLED=0 SERVICES="$services" \
    LAMBDA_EXECUTOR=local STATE_DIR="$(cat "$running/folder")" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  ready curl -sf "http://127.0.0.1:$port/_ministack/health" -o /dev/null
}

start_dynamodb() {
  # It listens on all interfaces, and cannot be told not to.
  launch java -Djava.library.path="$installed/dynamodb-local" -cp "$installed/dynamodb-local/*" \
    software.amazon.dynamodb.services.local.main.ServerRunner -inMemory -disableTelemetry -port 8000
  ready curl -s http://127.0.0.1:8000 -o /dev/null
}

# launch PROGRAM ARGUMENT... NAME=VALUE...: in the background, as the leader of a process group, logging to a file.
launch() {
  local program=() variables=(AWS_EC2_METADATA_DISABLED=true TMPDIR="$(cat "$running/folder")") word
  for word in "$@"; do
    if [[ $word =~ ^[A-Z_0-9]+= ]]; then variables+=("$word"); else program+=("$word"); fi
  done
  env "${variables[@]}" setsid "${program[@]}" >"$log" 2>&1 </dev/null &
  echo $! >"$running/pid"
}

ready() {
  for _ in $(seq 600); do
    "$@" && return
    kill -0 "$(cat "$running/pid")" 2>/dev/null || break
    sleep 0.1
  done
  tail -20 "$log" >&2
  stop
  fail "the stack did not start; its log is $log"
}

# Everything is in memory, so nothing is lost by not asking first (LocalStack would wait for LAMBDA_KEEPALIVE_MS).
# Functions belong to the stack's process group; DynamoDB Local is its child with a group of its own.
stop() {
  [ -e "$running/pid" ] || return 0
  local pid
  pid=$(cat "$running/pid")
  if ps -o args= -p "$pid" | grep -qF "$installed"; then # the number may be someone else's by now
    # shellcheck disable=SC2046
    kill -KILL "-$pid" $(ps -o pid= --ppid "$pid") 2>/dev/null || true
    while kill -0 "-$pid" 2>/dev/null; do sleep 0.05; done # until then the port is taken
  fi
  rm -rf "$(cat "$running/folder")" "$running/folder" "$running/pid"
}

"${@:?install, start or stop}"
