-- SPDX-License-Identifier: Apache-2.0
-- What wrk asks a server: wrk ... -s serve.lua URL -- KIND [ID...]
-- At the end one line: requests a second, p50 and p99 in milliseconds, answers that were no 2xx.

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
    '{"run_id": "%s", "key": "loss", "value": %d.5, "timestamp": 1700000000000, "step": %d}',
    next_id(), step, step))
end

kinds["log-batch"] = function()
  local metrics = {}
  for i = 1, 100 do
    metrics[i] = string.format('{"key": "m%d", "value": %d.25, "timestamp": 1700000000000, "step": %d}', i, step, step)
  end
  return post("runs/log-batch", string.format('{"run_id": "%s", "metrics": [%s]}', next_id(), table.concat(metrics, ",")))
end

kinds["runs-get"] = function()
  return wrk.format("GET", "/api/2.0/mlflow/runs/get?run_id=" .. next_id())
end

kinds["version-get"] = function()
  return wrk.format("GET", "/api/2.0/mlflow/model-versions/get?name=churn&version=1")
end

kinds["transition"] = function()
  local stage = step % 2 == 0 and "Staging" or "Production"
  return post("model-versions/transition-stage", string.format(
    '{"name": "churn", "version": "1", "stage": "%s", "archive_existing_versions": false}', stage))
end

kinds["search"] = function()
  return post("runs/search", string.format(
    '{"experiment_ids": ["%s"], "filter": "metrics.loss < 0.01 and params.lr = \'0.1\'", "max_results": 100, "order_by": ["metrics.loss ASC"]}', ids[1]))
end

kinds["health"] = function()
  return wrk.format("GET", "/health")
end

local make

function init(args)
  make = kinds[args[1]]
  for i = 2, #args do
    ids[#ids + 1] = args[i]
  end
  step = math.random(1000000)
end

function request()
  step = step + 1
  return make()
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %.1f %.3f %.3f %d\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
