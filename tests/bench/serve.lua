-- SPDX-License-Identifier: Apache-2.0
-- What wrk asks a server: wrk ... -s serve.lua URL -- KIND [ID...]
-- At the end one line: requests a second, p50 and p99 in milliseconds, answers that were no 2xx,
-- requests.

local kinds = {}
local ids, step = {}, 0

local function next_id()
  return ids[step % #ids + 1]
end

local function post(path, body)
  return wrk.format("POST", "/api/2.0/mlflow/" .. path, { ["Content-Type"] = "application/json" }, body)
end

kinds["log-metric"] = function()
  return post("runs/log-metric", string.format(
    '{"run_id": "%s", "key": "loss", "value": %.17g, "timestamp": 1700000000000, "step": %d}',
    next_id(), math.random(), step))
end

-- Its numbers are made beforehand, for a client that makes a hundred of them each time would be what
-- is measured; the step goes between the pieces, so that each batch is newer than the one before.
local pieces = {}
local function pieces_of(id)
  local list = { string.format('{"run_id": "%s", "metrics": [{"key": "m0", "step": ', id) }
  for i = 1, 100 do
    list[i + 1] = string.format(', "value": %.17g, "timestamp": 1700000000000}', math.random())
      .. (i < 100 and string.format(', {"key": "m%d", "step": ', i) or "]}")
  end
  return list
end

kinds["log-batch"] = function()
  local i = step % #ids + 1
  pieces[i] = pieces[i] or pieces_of(ids[i])
  return post("runs/log-batch", table.concat(pieces[i], step))
end

kinds["runs-get"] = function()
  return wrk.format("GET", "/api/2.0/mlflow/runs/get?run_id=" .. next_id())
end

kinds["version-get"] = function()
  return wrk.format("GET", "/api/2.0/mlflow/model-versions/get?name=churn&version=1")
end

-- Each to another stage than it was in, for a transition to where it stands already is no record:
-- a thread has versions of its own, twice as many as connections, and every other run of wrk has
-- stages of its own.
local versions = 64
local stages = tonumber(os.getenv("BENCH_TURN") or 0) % 2 == 0 and { "Staging", "Production" } or { "Archived", "None" }
kinds["transition"] = function()
  local version = number * versions + step % versions + 1
  local stage = stages[math.floor(step / versions) % 2 + 1]
  return post("model-versions/transition-stage", string.format(
    '{"name": "churn", "version": "%d", "stage": "%s", "archive_existing_versions": false}', version, stage))
end

kinds["search"] = function()
  return post("runs/search", string.format(
    '{"experiment_ids": ["%s"], "filter": "metrics.loss < 0.01 and params.lr = \'0.1\'", "max_results": 100, "order_by": ["metrics.loss ASC"]}', ids[1]))
end

kinds["health"] = function()
  return wrk.format("GET", "/health")
end

local make

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  make = kinds[args[1]]
  for i = 2, #args do
    ids[#ids + 1] = args[i]
  end
  math.randomseed(os.time() + number)
  step = math.random(1000000)
end

function request()
  step = step + 1
  return make()
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %.1f %.3f %.3f %d %d\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout, summary.requests))
end
