"""The statements of `statements`, compiled. Generated; do not edit.

Each name holds SQLite's text, which also names the statement; `POSTGRES` leads from it to PostgreSQL's.

`python -m sparring.adapters.store.statements > src/sparring/adapters/store/sql.py` writes it anew.
"""
# ruff: noqa: E501

WORKSPACES = """\
SELECT workspaces.id, workspaces.alias
FROM workspaces ORDER BY workspaces.seq"""

RESERVE_WORKSPACES = """\
SELECT 1"""

SAVE_WORKSPACE = """\
INSERT INTO workspaces (id, alias) VALUES (:id, :alias) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias"""

KEYS = """\
SELECT api_keys.id, api_keys.workspace, api_keys.name, api_keys.digest, api_keys.hint, api_keys.role, api_keys.created_at, api_keys.revoked_at
FROM api_keys
WHERE :workspace IS NULL OR api_keys.workspace = :workspace ORDER BY api_keys.seq"""

FIND_KEY = """\
SELECT api_keys.id, api_keys.workspace, api_keys.name, api_keys.digest, api_keys.hint, api_keys.role, api_keys.created_at, api_keys.revoked_at
FROM api_keys
WHERE api_keys.digest = :digest"""

SAVE_KEY = """\
INSERT INTO api_keys (id, workspace, name, digest, hint, role, created_at, revoked_at) VALUES (:id, :workspace, :name, :digest, :hint, :role, :created_at, :revoked_at) ON CONFLICT (id) DO UPDATE SET workspace = excluded.workspace, name = excluded.name, digest = excluded.digest, hint = excluded.hint, role = excluded.role, created_at = excluded.created_at, revoked_at = excluded.revoked_at"""

FIND_AGENT = """\
SELECT agents.id, agents.workspace, agents.alias, agents.name, agents.created_at, agents.updated_at, agents.body
FROM agents
WHERE agents.workspace = :workspace AND (agents.id = :id OR agents.alias = :id) ORDER BY agents.id = :id DESC"""

AGENTS = """\
SELECT agents.id, agents.workspace, agents.alias, agents.name, agents.created_at, agents.updated_at, agents.body
FROM agents
WHERE agents.workspace = :workspace ORDER BY agents.seq DESC
LIMIT :size OFFSET :offset"""

COUNT_AGENTS = """\
SELECT count(*) AS count_1
FROM agents
WHERE agents.workspace = :workspace"""

SAVE_AGENT = """\
INSERT INTO agents (id, workspace, alias, name, created_at, updated_at, body) VALUES (:id, :workspace, :alias, :name, :created_at, :updated_at, :body) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, name = excluded.name, updated_at = excluded.updated_at, body = excluded.body"""

DELETE_AGENT = """\
DELETE FROM agents WHERE agents.id = :id"""

FIND_SCENARIO = """\
SELECT scenarios.id, scenarios.workspace, scenarios.alias, scenarios.agent_id, scenarios.name, scenarios.created_at, scenarios.updated_at, scenarios.body, scenarios.set_id, scenarios.folder
FROM scenarios
WHERE scenarios.workspace = :workspace AND (scenarios.id = :id OR scenarios.alias = :id) ORDER BY scenarios.id = :id DESC"""

FIND_ACTION = """\
SELECT actions.id, actions.workspace, actions.name, actions.created_at, actions.updated_at, actions.body
FROM actions
WHERE actions.workspace = :workspace AND actions.id = :id"""

ACTIONS = """\
SELECT actions.id, actions.workspace, actions.name, actions.created_at, actions.updated_at, actions.body
FROM actions
WHERE actions.workspace = :workspace ORDER BY actions.seq DESC
LIMIT :size OFFSET :offset"""

COUNT_ACTIONS = """\
SELECT count(*) AS count_1
FROM actions
WHERE actions.workspace = :workspace"""

SAVE_ACTION = """\
INSERT INTO actions (id, workspace, name, created_at, updated_at, body) VALUES (:id, :workspace, :name, :created_at, :updated_at, :body) ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at, body = excluded.body"""

FIND_SCENARIO_SET = """\
SELECT scenario_sets.id, scenario_sets.workspace, scenario_sets.name, scenario_sets.created_at, scenario_sets.updated_at, scenario_sets.body
FROM scenario_sets
WHERE scenario_sets.workspace = :workspace AND scenario_sets.id = :id"""

SCENARIO_SETS = """\
SELECT scenario_sets.id, scenario_sets.workspace, scenario_sets.name, scenario_sets.created_at, scenario_sets.updated_at, scenario_sets.body
FROM scenario_sets
WHERE scenario_sets.workspace = :workspace ORDER BY scenario_sets.seq DESC
LIMIT :size OFFSET :offset"""

COUNT_SCENARIO_SETS = """\
SELECT count(*) AS count_1
FROM scenario_sets
WHERE scenario_sets.workspace = :workspace"""

SAVE_SCENARIO_SET = """\
INSERT INTO scenario_sets (id, workspace, name, created_at, updated_at, body) VALUES (:id, :workspace, :name, :created_at, :updated_at, :body) ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at, body = excluded.body"""

DELETE_SCENARIO_SET = """\
DELETE FROM scenario_sets WHERE scenario_sets.id = :id"""

LEAVE_SCENARIO_SET = """\
UPDATE scenarios SET set_id=NULL WHERE scenarios.set_id = :of"""

SCENARIOS = """\
SELECT scenarios.id, scenarios.workspace, scenarios.alias, scenarios.agent_id, scenarios.name, scenarios.created_at, scenarios.updated_at, scenarios.body, scenarios.set_id, scenarios.folder
FROM scenarios
WHERE scenarios.workspace = :workspace AND (:agent_id IS NULL OR scenarios.agent_id = :agent_id) AND (:set_id IS NULL OR scenarios.set_id = :set_id) AND (:folder IS NULL OR scenarios.folder = :folder) AND (:name IS NULL OR scenarios.name = :name) ORDER BY scenarios.seq DESC
LIMIT :size OFFSET :offset"""

COUNT_SCENARIOS = """\
SELECT count(*) AS count_1
FROM scenarios
WHERE scenarios.workspace = :workspace AND (:agent_id IS NULL OR scenarios.agent_id = :agent_id) AND (:set_id IS NULL OR scenarios.set_id = :set_id) AND (:folder IS NULL OR scenarios.folder = :folder) AND (:name IS NULL OR scenarios.name = :name)"""

SAVE_SCENARIO = """\
INSERT INTO scenarios (id, workspace, alias, agent_id, name, created_at, updated_at, body, set_id, folder) VALUES (:id, :workspace, :alias, :agent_id, :name, :created_at, :updated_at, :body, :set_id, :folder) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, agent_id = excluded.agent_id, name = excluded.name, updated_at = excluded.updated_at, body = excluded.body, set_id = excluded.set_id, folder = excluded.folder"""

DELETE_SCENARIO = """\
DELETE FROM scenarios WHERE scenarios.id = :id"""

ADD_SIMULATION = """\
INSERT INTO simulations (id, workspace, alias, idempotency_key, agent_id, name, status, created_at, started_at, completed_at, body, set_id, max_cost, status_reason, at_once) VALUES (:id, :workspace, :alias, :idempotency_key, :agent_id, :name, :status, :created_at, :started_at, :completed_at, :body, :set_id, :max_cost, :status_reason, :at_once)"""

ADD_SIMULATION_SCENARIO = """\
INSERT INTO simulation_scenarios (simulation, position, body) VALUES (:simulation, :position, :body)"""

FIND_SIMULATION = """\
SELECT simulations.id, simulations.status, simulations.started_at, simulations.completed_at, simulations.max_cost, simulations.status_reason, simulations.revision
FROM simulations
WHERE (simulations.id = :id OR simulations.alias = :id) AND (:workspace IS NULL OR simulations.workspace = :workspace) ORDER BY simulations.id = :id DESC"""

FIND_BY_IDEMPOTENCY_KEY = """\
SELECT simulations.id, simulations.status, simulations.started_at, simulations.completed_at, simulations.max_cost, simulations.status_reason, simulations.revision
FROM simulations
WHERE simulations.workspace = :workspace AND simulations.idempotency_key = :idempotency_key"""

SIMULATIONS = """\
SELECT simulations.id, simulations.status, simulations.started_at, simulations.completed_at, simulations.max_cost, simulations.status_reason, simulations.revision
FROM simulations
WHERE (:workspace IS NULL OR simulations.workspace = :workspace) AND (:agent_id IS NULL OR simulations.agent_id = :agent_id) AND (:set_id IS NULL OR simulations.set_id = :set_id) ORDER BY simulations.seq DESC
LIMIT :size OFFSET :offset"""

COUNT_SIMULATIONS = """\
SELECT count(*) AS count_1
FROM simulations
WHERE (:workspace IS NULL OR simulations.workspace = :workspace) AND (:agent_id IS NULL OR simulations.agent_id = :agent_id) AND (:set_id IS NULL OR simulations.set_id = :set_id)"""

SIMULATIONS_BEGINNING = """\
SELECT simulations.id
FROM simulations
WHERE simulations.id >= :first AND simulations.id < :beyond ORDER BY simulations.id
LIMIT :size OFFSET 0"""

SIMULATION_SNAPSHOT = """\
SELECT simulations.id, simulations.workspace, simulations.alias, simulations.idempotency_key, simulations.name, simulations.status, simulations.created_at, simulations.started_at, simulations.completed_at, simulations.set_id, simulations.max_cost, simulations.status_reason, simulations.at_once, simulations.body
FROM simulations
WHERE simulations.id = :id"""

SCENARIO_SNAPSHOTS = """\
SELECT simulation_scenarios.body
FROM simulation_scenarios
WHERE simulation_scenarios.simulation = :simulation ORDER BY simulation_scenarios.position"""

AGENT_PLAYS = """\
SELECT 1
FROM simulations
WHERE simulations.agent_id = :agent_id AND simulations.completed_at IS NULL"""

START_SIMULATION = """\
UPDATE simulations SET status='running', started_at=:now WHERE simulations.id = :simulation AND simulations.status = 'queued'"""

COMPLETE_SIMULATION = """\
UPDATE simulations SET status=CASE WHEN (simulations.status = 'cancelled') THEN 'cancelled' ELSE 'completed' END, completed_at=:now, status_reason=CASE WHEN (simulations.status = 'cancelled') THEN NULL ELSE simulations.decision END WHERE simulations.id = :simulation AND simulations.completed_at IS NULL AND NOT (EXISTS (SELECT trials.id
FROM trials
WHERE trials.simulation = simulations.id AND trials.status IN ('queued', 'running')))"""

DECIDE = """\
UPDATE simulations SET status_reason=:reason, decision=:reason WHERE simulations.id = :simulation AND simulations.completed_at IS NULL AND simulations.status != 'cancelled' AND simulations.decision IS NULL"""

CANCEL_SIMULATION = """\
UPDATE simulations SET status='cancelled', status_reason=NULL WHERE simulations.id = :simulation AND simulations.completed_at IS NULL"""

LOCK_AGENT = """\
SELECT agents.id
FROM agents
WHERE agents.id = :id"""

LOCK_SCENARIO = """\
SELECT scenarios.id
FROM scenarios
WHERE scenarios.id = :id"""

LOCK_SIMULATION = """\
SELECT simulations.id
FROM simulations
WHERE simulations.id = :id"""

DELETE_SIMULATION = """\
DELETE FROM simulations WHERE simulations.id = :id"""

IS_CANCELLED = """\
SELECT simulations.status = 'cancelled' AS anon_1
FROM simulations
WHERE simulations.id = :id"""

PAUSE_SIMULATION = """\
UPDATE simulations SET status='paused', status_reason=:reason WHERE simulations.id = :simulation AND simulations.status IN ('queued', 'running')"""

PAUSE_WAITING = """\
UPDATE simulations SET status='paused', status_reason=:reason WHERE simulations.id = :simulation AND simulations.status IN ('queued', 'running') AND (EXISTS (SELECT trials.id
FROM trials
WHERE trials.simulation = simulations.id AND trials.status IN ('queued')))"""

RESUME_SIMULATION = """\
UPDATE simulations SET status=CASE WHEN (simulations.started_at IS NULL) THEN 'queued' ELSE 'running' END, status_reason=NULL WHERE simulations.id = :simulation AND simulations.status = 'paused'"""

SET_BUDGET = """\
UPDATE simulations SET max_cost=:max_cost WHERE simulations.id = :simulation"""

EXPLAIN = """\
UPDATE simulations SET status_reason=:reason WHERE simulations.id = :simulation AND simulations.status IN ('queued', 'running')"""

REOPEN_SIMULATION = """\
UPDATE simulations SET status=CASE WHEN (simulations.status = 'paused') THEN 'paused' ELSE CASE WHEN (simulations.started_at IS NULL) THEN 'queued' ELSE 'running' END END, completed_at=NULL, status_reason=CASE WHEN (simulations.status = 'paused') THEN simulations.status_reason ELSE NULL END, spent=:spent, revision=(simulations.revision + :revised) WHERE simulations.id = :simulation"""

SPEND = """\
UPDATE simulations SET spent=(simulations.spent + :cost) WHERE simulations.id = :simulation RETURNING max_cost, spent"""

BUDGETS = """\
SELECT simulations.id, simulations.max_cost
FROM simulations
WHERE simulations.max_cost IS NOT NULL AND simulations.status IN ('queued', 'running') ORDER BY simulations.id"""

BUDGET = """\
SELECT simulations.max_cost, simulations.spent
FROM simulations
WHERE simulations.id = :id"""

SAVE_SIMULATION_SCENARIO = """\
UPDATE simulation_scenarios SET body=:body WHERE simulation_scenarios.simulation = :of AND simulation_scenarios.position = :at"""

ADD_TRIAL = """\
INSERT INTO trials (id, alias, simulation, scenario, number, seed, attempt, take, status, outcome, cause, error, termination, steps, started_at, completed_at, costs, warnings, verdict, claim, place) VALUES (:id, :alias, :simulation, :scenario, :number, :seed, :attempt, :take, :status, :outcome, :cause, :error, :termination, :steps, :started_at, :completed_at, :costs, :warnings, :verdict, :claim, :place)"""

TRIALS = """\
SELECT trials.seq, trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.simulation = :simulation AND trials.seq > :after ORDER BY trials.seq
LIMIT :size OFFSET 0"""

FIND_TRIAL = """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials JOIN simulations ON simulations.id = trials.simulation
WHERE (trials.id = :id OR trials.alias = :id) AND simulations.workspace = :workspace ORDER BY trials.id = :id DESC"""

TRIAL_PAGE = """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.simulation = :simulation AND (:status IS NULL OR trials.status = :status) AND (:outcome IS NULL OR trials.outcome = :outcome) ORDER BY trials.seq
LIMIT :size OFFSET :offset"""

COUNT_TRIALS = """\
SELECT count(*) AS count_1
FROM trials
WHERE trials.simulation = :simulation AND (:status IS NULL OR trials.status = :status) AND (:outcome IS NULL OR trials.outcome = :outcome)"""

PROGRESS = """\
SELECT trials.status, count(*) AS count_1
FROM trials
WHERE trials.simulation = :simulation GROUP BY trials.status"""

QUEUED_TRIALS = """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.status = 'queued' AND (trials.simulation NOT IN (SELECT simulations.id
FROM simulations
WHERE simulations.status = 'paused')) AND (trials.simulation NOT IN (SELECT simulations.id
FROM simulations
WHERE simulations.at_once IS NOT NULL AND simulations.status IN ('queued', 'running') AND (simulations.id NOT IN (SELECT value FROM json_each(:bounded))))) AND (trials.simulation NOT IN (SELECT value FROM json_each(:without))) AND (:simulation IS NULL OR trials.simulation = :simulation) ORDER BY trials.place, trials.seq
LIMIT :count OFFSET 0"""

CLAIM_TRIALS = """\
UPDATE trials SET status='running', started_at=coalesce(trials.started_at, :now), claim=(trials.claim + 1) WHERE trials.id IN (SELECT value FROM json_each(:ids))"""

PLAY_AGAIN = """\
UPDATE trials SET attempt=:attempt, take=:take, status=:status, outcome=:outcome, cause=:cause, error=:error, termination=:termination, steps=:steps, started_at=:started_at, completed_at=:completed_at, costs=:costs, warnings=:warnings, verdict=:verdict WHERE trials.id = :trial AND trials.outcome = 'error'"""

COSTS = """\
SELECT anon_1."key" AS role, coalesce(sum(CAST(anon_1.value AS DOUBLE)), 0.0) AS coalesce_1, count(*) - count(anon_1.value) AS anon_2
FROM trials JOIN json_each(trials.costs) AS anon_1 ON 1 = 1
WHERE trials.simulation = :simulation GROUP BY role"""

BEGUN_IN_QUEUE = """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.simulation = :simulation AND trials.status IN ('queued') AND trials.started_at > 0"""

COSTS_BEGUN = """\
SELECT trials.costs
FROM trials
WHERE trials.simulation = :simulation AND trials.status IN ('queued', 'running') AND trials.started_at > 0"""

COSTS_OVER = """\
SELECT trials.costs
FROM trials
WHERE trials.simulation = :simulation AND (trials.status NOT IN ('queued', 'running'))"""

CANCEL_QUEUED = """\
UPDATE trials SET status='cancelled', outcome='cancelled', error=:reason, completed_at=:now WHERE trials.simulation = :of AND trials.status = 'queued'"""

OUTCOMES = """\
SELECT trials.scenario, trials.outcome
FROM trials
WHERE trials.simulation = :simulation ORDER BY trials.seq"""

DELETE_MESSAGES = """\
DELETE FROM messages WHERE messages.trial IN (SELECT trials.id
FROM trials
WHERE trials.simulation = :simulation)"""

ADD_MESSAGE = """\
INSERT INTO messages (trial, take, position, body) VALUES (:trial, :take, :position, :body)"""

JOURNAL = """\
SELECT messages.body
FROM messages
WHERE messages.trial = :trial AND messages.take = :take ORDER BY messages.position"""

TRANSCRIPT = """\
SELECT messages.body
FROM messages JOIN trials ON trials.id = messages.trial AND trials.take = messages.take
WHERE trials.id = :id ORDER BY messages.position"""

SPENT_UNDER_WAY = """\
SELECT json_extract(messages.body, '$.role') AS role, coalesce(sum(json_extract(messages.body, '$.generation.cost')), 0.0) AS coalesce_1, sum(CASE WHEN (json_extract(messages.body, '$.generation') IS NOT NULL AND json_extract(messages.body, '$.generation.cost') IS NULL) THEN 1 ELSE 0 END) AS sum_1
FROM trials JOIN messages ON messages.trial = trials.id AND messages.take = trials.take
WHERE trials.simulation = :simulation AND trials.status IN ('queued', 'running') AND trials.started_at > 0 AND json_extract(messages.body, '$.generation') IS NOT NULL GROUP BY role"""

SAVE_LABEL = """\
INSERT INTO labels (trial, kind, place, person, agrees, finding, note, at) VALUES (:trial, :kind, :place, :person, :agrees, :finding, :note, :at) ON CONFLICT (trial, kind, place, person) DO UPDATE SET agrees = excluded.agrees, finding = excluded.finding, note = excluded.note, at = excluded.at"""

DELETE_LABEL = """\
DELETE FROM labels WHERE labels.trial = :trial AND labels.kind = :kind AND labels.place = :place AND labels.person = :person"""

LABELS = """\
SELECT labels.trial, labels.kind, labels.place, labels.person, labels.agrees, labels.finding, labels.note, labels.at
FROM labels JOIN trials ON trials.id = labels.trial
WHERE trials.simulation = :simulation ORDER BY labels.at, trials.seq, labels.kind, labels.place, labels.person"""

ADD_JUDGEMENT = """\
INSERT INTO judgements (id, judging, simulation, trial, judge, outcome, created_at, body) VALUES (:id, :judging, :simulation, :trial, :judge, :outcome, :created_at, :body)"""

JUDGEMENTS = """\
SELECT judgements.id, judgements.judging, judgements.simulation, judgements.trial, judgements.judge, judgements.outcome, judgements.created_at, judgements.body
FROM judgements
WHERE judgements.simulation = :simulation ORDER BY judgements.seq"""

FIND_CHAT = """\
SELECT chats.id, chats.workspace, chats.alias, chats.status, chats.created_at, chats.updated_at, chats.body
FROM chats
WHERE chats.workspace = :workspace AND (chats.id = :id OR chats.alias = :id) ORDER BY chats.id = :id DESC"""

CHATS = """\
SELECT chats.id, chats.workspace, chats.alias, chats.status, chats.created_at, chats.updated_at, chats.body
FROM chats
WHERE chats.workspace = :workspace AND (:status IS NULL OR chats.status = :status) ORDER BY chats.seq DESC
LIMIT :size OFFSET :offset"""

COUNT_CHATS = """\
SELECT count(*) AS count_1
FROM chats
WHERE chats.workspace = :workspace AND (:status IS NULL OR chats.status = :status)"""

SAVE_CHAT = """\
INSERT INTO chats (id, workspace, alias, status, created_at, updated_at, body) VALUES (:id, :workspace, :alias, :status, :created_at, :updated_at, :body) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, status = excluded.status, updated_at = excluded.updated_at, body = excluded.body"""

FIND_WEBHOOK = """\
SELECT webhooks.id, webhooks.workspace, webhooks.alias, webhooks.agent_id, webhooks.active, webhooks.created_at, webhooks.updated_at, webhooks.body
FROM webhooks
WHERE (webhooks.id = :id OR webhooks.alias = :id) AND (:workspace IS NULL OR webhooks.workspace = :workspace) ORDER BY webhooks.id = :id DESC"""

WEBHOOKS = """\
SELECT webhooks.id, webhooks.workspace, webhooks.alias, webhooks.agent_id, webhooks.active, webhooks.created_at, webhooks.updated_at, webhooks.body
FROM webhooks
WHERE webhooks.workspace = :workspace AND (:agent_id IS NULL OR webhooks.agent_id = :agent_id) AND (:active IS NULL OR webhooks.active = :active) ORDER BY webhooks.seq DESC
LIMIT :size OFFSET :offset"""

COUNT_WEBHOOKS = """\
SELECT count(*) AS count_1
FROM webhooks
WHERE webhooks.workspace = :workspace AND (:agent_id IS NULL OR webhooks.agent_id = :agent_id) AND (:active IS NULL OR webhooks.active = :active)"""

SAVE_WEBHOOK = """\
INSERT INTO webhooks (id, workspace, alias, agent_id, active, created_at, updated_at, body) VALUES (:id, :workspace, :alias, :agent_id, :active, :created_at, :updated_at, :body) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, agent_id = excluded.agent_id, active = excluded.active, updated_at = excluded.updated_at, body = excluded.body"""

DELETE_WEBHOOK = """\
DELETE FROM webhooks WHERE webhooks.id = :id"""

SAVE_DELIVERY = """\
INSERT INTO deliveries (id, webhook, status, due_at, created_at, updated_at, body) VALUES (:id, :webhook, :status, :due_at, :created_at, :updated_at, :body) ON CONFLICT (id) DO UPDATE SET status = excluded.status, due_at = excluded.due_at, updated_at = excluded.updated_at, body = excluded.body"""

DELIVERIES = """\
SELECT deliveries.id, deliveries.webhook, deliveries.status, deliveries.due_at, deliveries.created_at, deliveries.updated_at, deliveries.body
FROM deliveries
WHERE deliveries.webhook = :webhook ORDER BY deliveries.seq DESC
LIMIT :size OFFSET :offset"""

COUNT_DELIVERIES = """\
SELECT count(*) AS count_1
FROM deliveries
WHERE deliveries.webhook = :webhook"""

DELETE_CHAT_MESSAGES = """\
DELETE FROM messages WHERE messages.trial = :trial"""

DELETE_CHAT = """\
DELETE FROM chats WHERE chats.id = :id"""

DELETE_DELIVERY = """\
DELETE FROM deliveries WHERE deliveries.id = :id"""

COUNT_OLD_SIMULATIONS = """\
SELECT count(*) AS count_1
FROM simulations
WHERE simulations.completed_at < :before"""

OLD_SIMULATIONS = """\
SELECT simulations.id
FROM simulations
WHERE simulations.completed_at < :before ORDER BY simulations.seq
LIMIT :size OFFSET 0"""

COUNT_OLD_CHATS = """\
SELECT count(*) AS count_1
FROM chats
WHERE chats.status = 'ended' AND chats.updated_at < :before"""

OLD_CHATS = """\
SELECT chats.id
FROM chats
WHERE chats.status = 'ended' AND chats.updated_at < :before ORDER BY chats.seq
LIMIT :size OFFSET 0"""

COUNT_OLD_DELIVERIES = """\
SELECT count(*) AS count_1
FROM deliveries
WHERE deliveries.status != 'pending' AND deliveries.updated_at < :before"""

OLD_DELIVERIES = """\
SELECT deliveries.id
FROM deliveries
WHERE deliveries.status != 'pending' AND deliveries.updated_at < :before ORDER BY deliveries.seq
LIMIT :size OFFSET 0"""

UNFINISHED = """\
SELECT (SELECT count(*) AS count_1
FROM trials
WHERE trials.status = 'queued') AS anon_1, (SELECT count(*) AS count_2
FROM trials
WHERE trials.status = 'running') AS anon_2"""

BOUNDED = """\
SELECT simulations.id, simulations.at_once
FROM simulations
WHERE simulations.at_once IS NOT NULL AND simulations.status IN ('queued', 'running') AND (EXISTS (SELECT trials.id
FROM trials
WHERE trials.simulation = simulations.id AND trials.status = 'queued')) ORDER BY simulations.seq"""

OPEN_TRIAL = """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.id = :id AND (trials.status = 'queued' OR trials.status = 'running') AND trials.simulation IN (SELECT simulations.id
FROM simulations
WHERE simulations.status IN ('queued', 'running'))"""

SIMULATION_OF = """\
SELECT trials.simulation
FROM trials
WHERE trials.id = :id"""

RELEASE_TRIAL = """\
UPDATE trials SET status='queued' WHERE trials.id = :id AND trials.status = 'running' AND (:claim IS NULL OR trials.claim = :claim)"""

RUNNING_TRIALS = """\
SELECT trials.simulation
FROM trials
WHERE trials.status = 'running'"""

RELEASE_RUNNING = """\
UPDATE trials SET status='queued' WHERE trials.status = 'running'"""

SAVE_TRIAL = """\
UPDATE trials SET attempt=:attempt, take=:take, status=:status, outcome=:outcome, cause=:cause, error=:error, termination=:termination, steps=:steps, started_at=:started_at, completed_at=:completed_at, costs=:costs, warnings=:warnings, verdict=:verdict WHERE trials.id = :trial AND trials.status != 'cancelled' AND trials.claim = :claim"""

TRIAL_STANDING = """\
SELECT trials.status, trials.costs, trials.claim
FROM trials
WHERE trials.id = :id"""

END_QUEUED = """\
UPDATE trials SET attempt=:attempt, take=:take, status=:status, outcome=:outcome, cause=:cause, error=:error, termination=:termination, steps=:steps, started_at=:started_at, completed_at=:completed_at, costs=:costs, warnings=:warnings, verdict=:verdict WHERE trials.id = :trial AND trials.status = 'queued'"""

DUE_DELIVERIES = """\
SELECT deliveries.id, deliveries.webhook, deliveries.status, deliveries.due_at, deliveries.created_at, deliveries.updated_at, deliveries.body
FROM deliveries
WHERE deliveries.status = 'pending' AND deliveries.due_at <= :now ORDER BY deliveries.due_at, deliveries.seq
LIMIT :count OFFSET 0"""

LEND_DELIVERIES = """\
UPDATE deliveries SET due_at=:until WHERE deliveries.id IN (SELECT value FROM json_each(:ids))"""

KEEP_SHARES = """\
INSERT INTO provider_shares (provider, process, weight, part, seen_at) VALUES (:provider, :process, 0.0, 0.0, ((julianday('now') - 2440587.5) * 86400.0)) ON CONFLICT (provider, process) DO NOTHING"""

LOCK_SHARES = """\
SELECT provider_shares.provider
FROM provider_shares
WHERE provider_shares.provider = :provider AND provider_shares.process = :process"""

SHARES = """\
SELECT provider_shares.process, provider_shares.weight, provider_shares.part, ((julianday('now') - 2440587.5) * 86400.0) - provider_shares.seen_at AS anon_1
FROM provider_shares
WHERE provider_shares.provider = :provider"""

SAVE_SHARE = """\
INSERT INTO provider_shares (provider, process, weight, part, seen_at) VALUES (:provider, :process, :weight, :part, ((julianday('now') - 2440587.5) * 86400.0)) ON CONFLICT (provider, process) DO UPDATE SET weight = excluded.weight, part = excluded.part, seen_at = excluded.seen_at"""

FORGET_SHARES = """\
DELETE FROM provider_shares WHERE provider_shares.provider = :provider AND provider_shares.process != :process AND ((julianday('now') - 2440587.5) * 86400.0) - provider_shares.seen_at > :age"""

POSTGRES = {
    WORKSPACES: """\
SELECT workspaces.id, workspaces.alias
FROM workspaces ORDER BY workspaces.seq""",
    RESERVE_WORKSPACES: """\
LOCK TABLE workspaces IN SHARE ROW EXCLUSIVE MODE""",
    SAVE_WORKSPACE: """\
INSERT INTO workspaces (id, alias) VALUES (%(id)s::VARCHAR, %(alias)s::VARCHAR) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias""",
    KEYS: """\
SELECT api_keys.id, api_keys.workspace, api_keys.name, api_keys.digest, api_keys.hint, api_keys.role, api_keys.created_at, api_keys.revoked_at
FROM api_keys
WHERE %(workspace)s::VARCHAR IS NULL OR api_keys.workspace = %(workspace)s::VARCHAR ORDER BY api_keys.seq""",
    FIND_KEY: """\
SELECT api_keys.id, api_keys.workspace, api_keys.name, api_keys.digest, api_keys.hint, api_keys.role, api_keys.created_at, api_keys.revoked_at
FROM api_keys
WHERE api_keys.digest = %(digest)s::VARCHAR""",
    SAVE_KEY: """\
INSERT INTO api_keys (id, workspace, name, digest, hint, role, created_at, revoked_at) VALUES (%(id)s::VARCHAR, %(workspace)s::VARCHAR, %(name)s::VARCHAR, %(digest)s::VARCHAR, %(hint)s::VARCHAR, %(role)s::VARCHAR, %(created_at)s, %(revoked_at)s) ON CONFLICT (id) DO UPDATE SET workspace = excluded.workspace, name = excluded.name, digest = excluded.digest, hint = excluded.hint, role = excluded.role, created_at = excluded.created_at, revoked_at = excluded.revoked_at""",
    FIND_AGENT: """\
SELECT agents.id, agents.workspace, agents.alias, agents.name, agents.created_at, agents.updated_at, agents.body
FROM agents
WHERE agents.workspace = %(workspace)s::VARCHAR AND (agents.id = %(id)s::VARCHAR OR agents.alias = %(id)s::VARCHAR) ORDER BY agents.id = %(id)s::VARCHAR DESC""",
    AGENTS: """\
SELECT agents.id, agents.workspace, agents.alias, agents.name, agents.created_at, agents.updated_at, agents.body
FROM agents
WHERE agents.workspace = %(workspace)s::VARCHAR ORDER BY agents.seq DESC
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_AGENTS: """\
SELECT count(*) AS count_1
FROM agents
WHERE agents.workspace = %(workspace)s::VARCHAR""",
    SAVE_AGENT: """\
INSERT INTO agents (id, workspace, alias, name, created_at, updated_at, body) VALUES (%(id)s::VARCHAR, %(workspace)s::VARCHAR, %(alias)s::VARCHAR, %(name)s::VARCHAR, %(created_at)s, %(updated_at)s, %(body)s::VARCHAR) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, name = excluded.name, updated_at = excluded.updated_at, body = excluded.body""",
    DELETE_AGENT: """\
DELETE FROM agents WHERE agents.id = %(id)s::VARCHAR""",
    FIND_SCENARIO: """\
SELECT scenarios.id, scenarios.workspace, scenarios.alias, scenarios.agent_id, scenarios.name, scenarios.created_at, scenarios.updated_at, scenarios.body, scenarios.set_id, scenarios.folder
FROM scenarios
WHERE scenarios.workspace = %(workspace)s::VARCHAR AND (scenarios.id = %(id)s::VARCHAR OR scenarios.alias = %(id)s::VARCHAR) ORDER BY scenarios.id = %(id)s::VARCHAR DESC""",
    FIND_ACTION: """\
SELECT actions.id, actions.workspace, actions.name, actions.created_at, actions.updated_at, actions.body
FROM actions
WHERE actions.workspace = %(workspace)s::VARCHAR AND actions.id = %(id)s::VARCHAR""",
    ACTIONS: """\
SELECT actions.id, actions.workspace, actions.name, actions.created_at, actions.updated_at, actions.body
FROM actions
WHERE actions.workspace = %(workspace)s::VARCHAR ORDER BY actions.seq DESC
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_ACTIONS: """\
SELECT count(*) AS count_1
FROM actions
WHERE actions.workspace = %(workspace)s::VARCHAR""",
    SAVE_ACTION: """\
INSERT INTO actions (id, workspace, name, created_at, updated_at, body) VALUES (%(id)s::VARCHAR, %(workspace)s::VARCHAR, %(name)s::VARCHAR, %(created_at)s, %(updated_at)s, %(body)s::VARCHAR) ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at, body = excluded.body""",
    FIND_SCENARIO_SET: """\
SELECT scenario_sets.id, scenario_sets.workspace, scenario_sets.name, scenario_sets.created_at, scenario_sets.updated_at, scenario_sets.body
FROM scenario_sets
WHERE scenario_sets.workspace = %(workspace)s::VARCHAR AND scenario_sets.id = %(id)s::VARCHAR""",
    SCENARIO_SETS: """\
SELECT scenario_sets.id, scenario_sets.workspace, scenario_sets.name, scenario_sets.created_at, scenario_sets.updated_at, scenario_sets.body
FROM scenario_sets
WHERE scenario_sets.workspace = %(workspace)s::VARCHAR ORDER BY scenario_sets.seq DESC
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_SCENARIO_SETS: """\
SELECT count(*) AS count_1
FROM scenario_sets
WHERE scenario_sets.workspace = %(workspace)s::VARCHAR""",
    SAVE_SCENARIO_SET: """\
INSERT INTO scenario_sets (id, workspace, name, created_at, updated_at, body) VALUES (%(id)s::VARCHAR, %(workspace)s::VARCHAR, %(name)s::VARCHAR, %(created_at)s, %(updated_at)s, %(body)s::VARCHAR) ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at, body = excluded.body""",
    DELETE_SCENARIO_SET: """\
DELETE FROM scenario_sets WHERE scenario_sets.id = %(id)s::VARCHAR""",
    LEAVE_SCENARIO_SET: """\
UPDATE scenarios SET set_id=NULL WHERE scenarios.set_id = %(of)s::VARCHAR""",
    SCENARIOS: """\
SELECT scenarios.id, scenarios.workspace, scenarios.alias, scenarios.agent_id, scenarios.name, scenarios.created_at, scenarios.updated_at, scenarios.body, scenarios.set_id, scenarios.folder
FROM scenarios
WHERE scenarios.workspace = %(workspace)s::VARCHAR AND (%(agent_id)s::VARCHAR IS NULL OR scenarios.agent_id = %(agent_id)s::VARCHAR) AND (%(set_id)s::VARCHAR IS NULL OR scenarios.set_id = %(set_id)s::VARCHAR) AND (%(folder)s::VARCHAR IS NULL OR scenarios.folder = %(folder)s::VARCHAR) AND (%(name)s::VARCHAR IS NULL OR scenarios.name = %(name)s::VARCHAR) ORDER BY scenarios.seq DESC
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_SCENARIOS: """\
SELECT count(*) AS count_1
FROM scenarios
WHERE scenarios.workspace = %(workspace)s::VARCHAR AND (%(agent_id)s::VARCHAR IS NULL OR scenarios.agent_id = %(agent_id)s::VARCHAR) AND (%(set_id)s::VARCHAR IS NULL OR scenarios.set_id = %(set_id)s::VARCHAR) AND (%(folder)s::VARCHAR IS NULL OR scenarios.folder = %(folder)s::VARCHAR) AND (%(name)s::VARCHAR IS NULL OR scenarios.name = %(name)s::VARCHAR)""",
    SAVE_SCENARIO: """\
INSERT INTO scenarios (id, workspace, alias, agent_id, name, created_at, updated_at, body, set_id, folder) VALUES (%(id)s::VARCHAR, %(workspace)s::VARCHAR, %(alias)s::VARCHAR, %(agent_id)s::VARCHAR, %(name)s::VARCHAR, %(created_at)s, %(updated_at)s, %(body)s::VARCHAR, %(set_id)s::VARCHAR, %(folder)s::VARCHAR) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, agent_id = excluded.agent_id, name = excluded.name, updated_at = excluded.updated_at, body = excluded.body, set_id = excluded.set_id, folder = excluded.folder""",
    DELETE_SCENARIO: """\
DELETE FROM scenarios WHERE scenarios.id = %(id)s::VARCHAR""",
    ADD_SIMULATION: """\
INSERT INTO simulations (id, workspace, alias, idempotency_key, agent_id, name, status, created_at, started_at, completed_at, body, set_id, max_cost, status_reason, at_once) VALUES (%(id)s::VARCHAR, %(workspace)s::VARCHAR, %(alias)s::VARCHAR, %(idempotency_key)s::VARCHAR, %(agent_id)s::VARCHAR, %(name)s::VARCHAR, %(status)s::VARCHAR, %(created_at)s, %(started_at)s, %(completed_at)s, %(body)s::VARCHAR, %(set_id)s::VARCHAR, %(max_cost)s, %(status_reason)s::VARCHAR, %(at_once)s::INTEGER)""",
    ADD_SIMULATION_SCENARIO: """\
INSERT INTO simulation_scenarios (simulation, position, body) VALUES (%(simulation)s::VARCHAR, %(position)s::INTEGER, %(body)s::VARCHAR)""",
    FIND_SIMULATION: """\
SELECT simulations.id, simulations.status, simulations.started_at, simulations.completed_at, simulations.max_cost, simulations.status_reason, simulations.revision
FROM simulations
WHERE (simulations.id = %(id)s::VARCHAR OR simulations.alias = %(id)s::VARCHAR) AND (%(workspace)s::VARCHAR IS NULL OR simulations.workspace = %(workspace)s::VARCHAR) ORDER BY simulations.id = %(id)s::VARCHAR DESC""",
    FIND_BY_IDEMPOTENCY_KEY: """\
SELECT simulations.id, simulations.status, simulations.started_at, simulations.completed_at, simulations.max_cost, simulations.status_reason, simulations.revision
FROM simulations
WHERE simulations.workspace = %(workspace)s::VARCHAR AND simulations.idempotency_key = %(idempotency_key)s::VARCHAR""",
    SIMULATIONS: """\
SELECT simulations.id, simulations.status, simulations.started_at, simulations.completed_at, simulations.max_cost, simulations.status_reason, simulations.revision
FROM simulations
WHERE (%(workspace)s::VARCHAR IS NULL OR simulations.workspace = %(workspace)s::VARCHAR) AND (%(agent_id)s::VARCHAR IS NULL OR simulations.agent_id = %(agent_id)s::VARCHAR) AND (%(set_id)s::VARCHAR IS NULL OR simulations.set_id = %(set_id)s::VARCHAR) ORDER BY simulations.seq DESC
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_SIMULATIONS: """\
SELECT count(*) AS count_1
FROM simulations
WHERE (%(workspace)s::VARCHAR IS NULL OR simulations.workspace = %(workspace)s::VARCHAR) AND (%(agent_id)s::VARCHAR IS NULL OR simulations.agent_id = %(agent_id)s::VARCHAR) AND (%(set_id)s::VARCHAR IS NULL OR simulations.set_id = %(set_id)s::VARCHAR)""",
    SIMULATIONS_BEGINNING: """\
SELECT simulations.id
FROM simulations
WHERE simulations.id >= %(first)s::VARCHAR AND simulations.id < %(beyond)s::VARCHAR ORDER BY simulations.id
LIMIT %(size)s OFFSET 0""",
    SIMULATION_SNAPSHOT: """\
SELECT simulations.id, simulations.workspace, simulations.alias, simulations.idempotency_key, simulations.name, simulations.status, simulations.created_at, simulations.started_at, simulations.completed_at, simulations.set_id, simulations.max_cost, simulations.status_reason, simulations.at_once, simulations.body
FROM simulations
WHERE simulations.id = %(id)s::VARCHAR""",
    SCENARIO_SNAPSHOTS: """\
SELECT simulation_scenarios.body
FROM simulation_scenarios
WHERE simulation_scenarios.simulation = %(simulation)s::VARCHAR ORDER BY simulation_scenarios.position""",
    AGENT_PLAYS: """\
SELECT 1
FROM simulations
WHERE simulations.agent_id = %(agent_id)s::VARCHAR AND simulations.completed_at IS NULL""",
    START_SIMULATION: """\
UPDATE simulations SET status='running', started_at=%(now)s WHERE simulations.id = %(simulation)s::VARCHAR AND simulations.status = 'queued'""",
    COMPLETE_SIMULATION: """\
UPDATE simulations SET status=CASE WHEN (simulations.status = 'cancelled') THEN 'cancelled' ELSE 'completed' END, completed_at=%(now)s, status_reason=CASE WHEN (simulations.status = 'cancelled') THEN NULL ELSE simulations.decision END WHERE simulations.id = %(simulation)s::VARCHAR AND simulations.completed_at IS NULL AND NOT (EXISTS (SELECT trials.id
FROM trials
WHERE trials.simulation = simulations.id AND trials.status IN ('queued', 'running')))""",
    DECIDE: """\
UPDATE simulations SET status_reason=%(reason)s::VARCHAR, decision=%(reason)s::VARCHAR WHERE simulations.id = %(simulation)s::VARCHAR AND simulations.completed_at IS NULL AND simulations.status != 'cancelled' AND simulations.decision IS NULL""",
    CANCEL_SIMULATION: """\
UPDATE simulations SET status='cancelled', status_reason=NULL WHERE simulations.id = %(simulation)s::VARCHAR AND simulations.completed_at IS NULL""",
    LOCK_AGENT: """\
SELECT agents.id
FROM agents
WHERE agents.id = %(id)s::VARCHAR FOR UPDATE""",
    LOCK_SCENARIO: """\
SELECT scenarios.id
FROM scenarios
WHERE scenarios.id = %(id)s::VARCHAR FOR UPDATE""",
    LOCK_SIMULATION: """\
SELECT simulations.id
FROM simulations
WHERE simulations.id = %(id)s::VARCHAR FOR NO KEY UPDATE""",
    DELETE_SIMULATION: """\
DELETE FROM simulations WHERE simulations.id = %(id)s::VARCHAR""",
    IS_CANCELLED: """\
SELECT simulations.status = 'cancelled' AS anon_1
FROM simulations
WHERE simulations.id = %(id)s::VARCHAR""",
    PAUSE_SIMULATION: """\
UPDATE simulations SET status='paused', status_reason=%(reason)s::VARCHAR WHERE simulations.id = %(simulation)s::VARCHAR AND simulations.status IN ('queued', 'running')""",
    PAUSE_WAITING: """\
UPDATE simulations SET status='paused', status_reason=%(reason)s::VARCHAR WHERE simulations.id = %(simulation)s::VARCHAR AND simulations.status IN ('queued', 'running') AND (EXISTS (SELECT trials.id
FROM trials
WHERE trials.simulation = simulations.id AND trials.status IN ('queued')))""",
    RESUME_SIMULATION: """\
UPDATE simulations SET status=CASE WHEN (simulations.started_at IS NULL) THEN 'queued' ELSE 'running' END, status_reason=NULL WHERE simulations.id = %(simulation)s::VARCHAR AND simulations.status = 'paused'""",
    SET_BUDGET: """\
UPDATE simulations SET max_cost=%(max_cost)s WHERE simulations.id = %(simulation)s::VARCHAR""",
    EXPLAIN: """\
UPDATE simulations SET status_reason=%(reason)s::VARCHAR WHERE simulations.id = %(simulation)s::VARCHAR AND simulations.status IN ('queued', 'running')""",
    REOPEN_SIMULATION: """\
UPDATE simulations SET status=CASE WHEN (simulations.status = 'paused') THEN 'paused' ELSE CASE WHEN (simulations.started_at IS NULL) THEN 'queued' ELSE 'running' END END, completed_at=NULL, status_reason=CASE WHEN (simulations.status = 'paused') THEN simulations.status_reason ELSE NULL END, spent=%(spent)s, revision=(simulations.revision + %(revised)s::INTEGER) WHERE simulations.id = %(simulation)s::VARCHAR""",
    SPEND: """\
UPDATE simulations SET spent=(simulations.spent + %(cost)s) WHERE simulations.id = %(simulation)s::VARCHAR RETURNING simulations.max_cost, simulations.spent""",
    BUDGETS: """\
SELECT simulations.id, simulations.max_cost
FROM simulations
WHERE simulations.max_cost IS NOT NULL AND simulations.status IN ('queued', 'running') ORDER BY simulations.id""",
    BUDGET: """\
SELECT simulations.max_cost, simulations.spent
FROM simulations
WHERE simulations.id = %(id)s::VARCHAR""",
    SAVE_SIMULATION_SCENARIO: """\
UPDATE simulation_scenarios SET body=%(body)s::VARCHAR WHERE simulation_scenarios.simulation = %(of)s::VARCHAR AND simulation_scenarios.position = %(at)s::INTEGER""",
    ADD_TRIAL: """\
INSERT INTO trials (id, alias, simulation, scenario, number, seed, attempt, take, status, outcome, cause, error, termination, steps, started_at, completed_at, costs, warnings, verdict, claim, place) VALUES (%(id)s::VARCHAR, %(alias)s::VARCHAR, %(simulation)s::VARCHAR, %(scenario)s::VARCHAR, %(number)s::INTEGER, %(seed)s::BIGINT, %(attempt)s::INTEGER, %(take)s::INTEGER, %(status)s::VARCHAR, %(outcome)s::VARCHAR, %(cause)s::VARCHAR, %(error)s::VARCHAR, %(termination)s::VARCHAR, %(steps)s::INTEGER, %(started_at)s, %(completed_at)s, %(costs)s::VARCHAR, %(warnings)s::VARCHAR, %(verdict)s::VARCHAR, %(claim)s::INTEGER, %(place)s::INTEGER)""",
    TRIALS: """\
SELECT trials.seq, trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR AND trials.seq > %(after)s::INTEGER ORDER BY trials.seq
LIMIT %(size)s OFFSET 0""",
    FIND_TRIAL: """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials JOIN simulations ON simulations.id = trials.simulation
WHERE (trials.id = %(id)s::VARCHAR OR trials.alias = %(id)s::VARCHAR) AND simulations.workspace = %(workspace)s::VARCHAR ORDER BY trials.id = %(id)s::VARCHAR DESC""",
    TRIAL_PAGE: """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR AND (%(status)s::VARCHAR IS NULL OR trials.status = %(status)s::VARCHAR) AND (%(outcome)s::VARCHAR IS NULL OR trials.outcome = %(outcome)s::VARCHAR) ORDER BY trials.seq
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_TRIALS: """\
SELECT count(*) AS count_1
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR AND (%(status)s::VARCHAR IS NULL OR trials.status = %(status)s::VARCHAR) AND (%(outcome)s::VARCHAR IS NULL OR trials.outcome = %(outcome)s::VARCHAR)""",
    PROGRESS: """\
SELECT trials.status, count(*) AS count_1
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR GROUP BY trials.status""",
    QUEUED_TRIALS: """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.status = 'queued' AND (trials.simulation NOT IN (SELECT simulations.id
FROM simulations
WHERE simulations.status = 'paused')) AND (trials.simulation NOT IN (SELECT simulations.id
FROM simulations
WHERE simulations.at_once IS NOT NULL AND simulations.status IN ('queued', 'running') AND (simulations.id NOT IN (SELECT json_array_elements_text((%(bounded)s::VARCHAR)::json))))) AND (trials.simulation NOT IN (SELECT json_array_elements_text((%(without)s::VARCHAR)::json))) AND (%(simulation)s::VARCHAR IS NULL OR trials.simulation = %(simulation)s::VARCHAR) ORDER BY trials.place, trials.seq
LIMIT %(count)s OFFSET 0 FOR UPDATE SKIP LOCKED""",
    CLAIM_TRIALS: """\
UPDATE trials SET status='running', started_at=coalesce(trials.started_at, %(now)s), claim=(trials.claim + 1) WHERE trials.id IN (SELECT json_array_elements_text((%(ids)s::VARCHAR)::json))""",
    PLAY_AGAIN: """\
UPDATE trials SET attempt=%(attempt)s::INTEGER, take=%(take)s::INTEGER, status=%(status)s::VARCHAR, outcome=%(outcome)s::VARCHAR, cause=%(cause)s::VARCHAR, error=%(error)s::VARCHAR, termination=%(termination)s::VARCHAR, steps=%(steps)s::INTEGER, started_at=%(started_at)s, completed_at=%(completed_at)s, costs=%(costs)s::VARCHAR, warnings=%(warnings)s::VARCHAR, verdict=%(verdict)s::VARCHAR WHERE trials.id = %(trial)s::VARCHAR AND trials.outcome = 'error'""",
    COSTS: """\
SELECT anon_1.key AS role, coalesce(sum(CAST(anon_1.value AS DOUBLE PRECISION)), 0.0) AS coalesce_1, count(*) - count(anon_1.value) AS anon_2
FROM trials JOIN json_each_text((trials.costs)::json) AS anon_1 ON true
WHERE trials.simulation = %(simulation)s::VARCHAR GROUP BY role""",
    BEGUN_IN_QUEUE: """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR AND trials.status IN ('queued') AND trials.started_at > 0 FOR UPDATE""",
    COSTS_BEGUN: """\
SELECT trials.costs
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR AND trials.status IN ('queued', 'running') AND trials.started_at > 0""",
    COSTS_OVER: """\
SELECT trials.costs
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR AND (trials.status NOT IN ('queued', 'running'))""",
    CANCEL_QUEUED: """\
UPDATE trials SET status='cancelled', outcome='cancelled', error=%(reason)s::VARCHAR, completed_at=%(now)s WHERE trials.simulation = %(of)s::VARCHAR AND trials.status = 'queued'""",
    OUTCOMES: """\
SELECT trials.scenario, trials.outcome
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR ORDER BY trials.seq""",
    DELETE_MESSAGES: """\
DELETE FROM messages WHERE messages.trial IN (SELECT trials.id
FROM trials
WHERE trials.simulation = %(simulation)s::VARCHAR)""",
    ADD_MESSAGE: """\
INSERT INTO messages (trial, take, position, body) VALUES (%(trial)s::VARCHAR, %(take)s::INTEGER, %(position)s::INTEGER, %(body)s::VARCHAR)""",
    JOURNAL: """\
SELECT messages.body
FROM messages
WHERE messages.trial = %(trial)s::VARCHAR AND messages.take = %(take)s::INTEGER ORDER BY messages.position""",
    TRANSCRIPT: """\
SELECT messages.body
FROM messages JOIN trials ON trials.id = messages.trial AND trials.take = messages.take
WHERE trials.id = %(id)s::VARCHAR ORDER BY messages.position""",
    SPENT_UNDER_WAY: """\
SELECT ((messages.body)::json #>> '{role}')::text AS role, coalesce(sum(((messages.body)::json #>> '{generation,cost}')::float8), 0.0) AS coalesce_1, sum(CASE WHEN (((messages.body)::json #>> '{generation}')::text IS NOT NULL AND ((messages.body)::json #>> '{generation,cost}')::float8 IS NULL) THEN 1 ELSE 0 END) AS sum_1
FROM trials JOIN messages ON messages.trial = trials.id AND messages.take = trials.take
WHERE trials.simulation = %(simulation)s::VARCHAR AND trials.status IN ('queued', 'running') AND trials.started_at > 0 AND ((messages.body)::json #>> '{generation}')::text IS NOT NULL GROUP BY role""",
    SAVE_LABEL: """\
INSERT INTO labels (trial, kind, place, person, agrees, finding, note, at) VALUES (%(trial)s::VARCHAR, %(kind)s::VARCHAR, %(place)s::INTEGER, %(person)s::VARCHAR, %(agrees)s::INTEGER, %(finding)s::VARCHAR, %(note)s::VARCHAR, %(at)s) ON CONFLICT (trial, kind, place, person) DO UPDATE SET agrees = excluded.agrees, finding = excluded.finding, note = excluded.note, at = excluded.at""",
    DELETE_LABEL: """\
DELETE FROM labels WHERE labels.trial = %(trial)s::VARCHAR AND labels.kind = %(kind)s::VARCHAR AND labels.place = %(place)s::INTEGER AND labels.person = %(person)s::VARCHAR""",
    LABELS: """\
SELECT labels.trial, labels.kind, labels.place, labels.person, labels.agrees, labels.finding, labels.note, labels.at
FROM labels JOIN trials ON trials.id = labels.trial
WHERE trials.simulation = %(simulation)s::VARCHAR ORDER BY labels.at, trials.seq, labels.kind, labels.place, labels.person""",
    ADD_JUDGEMENT: """\
INSERT INTO judgements (id, judging, simulation, trial, judge, outcome, created_at, body) VALUES (%(id)s::VARCHAR, %(judging)s::VARCHAR, %(simulation)s::VARCHAR, %(trial)s::VARCHAR, %(judge)s::VARCHAR, %(outcome)s::VARCHAR, %(created_at)s, %(body)s::VARCHAR)""",
    JUDGEMENTS: """\
SELECT judgements.id, judgements.judging, judgements.simulation, judgements.trial, judgements.judge, judgements.outcome, judgements.created_at, judgements.body
FROM judgements
WHERE judgements.simulation = %(simulation)s::VARCHAR ORDER BY judgements.seq""",
    FIND_CHAT: """\
SELECT chats.id, chats.workspace, chats.alias, chats.status, chats.created_at, chats.updated_at, chats.body
FROM chats
WHERE chats.workspace = %(workspace)s::VARCHAR AND (chats.id = %(id)s::VARCHAR OR chats.alias = %(id)s::VARCHAR) ORDER BY chats.id = %(id)s::VARCHAR DESC""",
    CHATS: """\
SELECT chats.id, chats.workspace, chats.alias, chats.status, chats.created_at, chats.updated_at, chats.body
FROM chats
WHERE chats.workspace = %(workspace)s::VARCHAR AND (%(status)s::VARCHAR IS NULL OR chats.status = %(status)s::VARCHAR) ORDER BY chats.seq DESC
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_CHATS: """\
SELECT count(*) AS count_1
FROM chats
WHERE chats.workspace = %(workspace)s::VARCHAR AND (%(status)s::VARCHAR IS NULL OR chats.status = %(status)s::VARCHAR)""",
    SAVE_CHAT: """\
INSERT INTO chats (id, workspace, alias, status, created_at, updated_at, body) VALUES (%(id)s::VARCHAR, %(workspace)s::VARCHAR, %(alias)s::VARCHAR, %(status)s::VARCHAR, %(created_at)s, %(updated_at)s, %(body)s::VARCHAR) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, status = excluded.status, updated_at = excluded.updated_at, body = excluded.body""",
    FIND_WEBHOOK: """\
SELECT webhooks.id, webhooks.workspace, webhooks.alias, webhooks.agent_id, webhooks.active, webhooks.created_at, webhooks.updated_at, webhooks.body
FROM webhooks
WHERE (webhooks.id = %(id)s::VARCHAR OR webhooks.alias = %(id)s::VARCHAR) AND (%(workspace)s::VARCHAR IS NULL OR webhooks.workspace = %(workspace)s::VARCHAR) ORDER BY webhooks.id = %(id)s::VARCHAR DESC""",
    WEBHOOKS: """\
SELECT webhooks.id, webhooks.workspace, webhooks.alias, webhooks.agent_id, webhooks.active, webhooks.created_at, webhooks.updated_at, webhooks.body
FROM webhooks
WHERE webhooks.workspace = %(workspace)s::VARCHAR AND (%(agent_id)s::VARCHAR IS NULL OR webhooks.agent_id = %(agent_id)s::VARCHAR) AND (%(active)s::INTEGER IS NULL OR webhooks.active = %(active)s::INTEGER) ORDER BY webhooks.seq DESC
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_WEBHOOKS: """\
SELECT count(*) AS count_1
FROM webhooks
WHERE webhooks.workspace = %(workspace)s::VARCHAR AND (%(agent_id)s::VARCHAR IS NULL OR webhooks.agent_id = %(agent_id)s::VARCHAR) AND (%(active)s::INTEGER IS NULL OR webhooks.active = %(active)s::INTEGER)""",
    SAVE_WEBHOOK: """\
INSERT INTO webhooks (id, workspace, alias, agent_id, active, created_at, updated_at, body) VALUES (%(id)s::VARCHAR, %(workspace)s::VARCHAR, %(alias)s::VARCHAR, %(agent_id)s::VARCHAR, %(active)s::INTEGER, %(created_at)s, %(updated_at)s, %(body)s::VARCHAR) ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, agent_id = excluded.agent_id, active = excluded.active, updated_at = excluded.updated_at, body = excluded.body""",
    DELETE_WEBHOOK: """\
DELETE FROM webhooks WHERE webhooks.id = %(id)s::VARCHAR""",
    SAVE_DELIVERY: """\
INSERT INTO deliveries (id, webhook, status, due_at, created_at, updated_at, body) VALUES (%(id)s::VARCHAR, %(webhook)s::VARCHAR, %(status)s::VARCHAR, %(due_at)s, %(created_at)s, %(updated_at)s, %(body)s::VARCHAR) ON CONFLICT (id) DO UPDATE SET status = excluded.status, due_at = excluded.due_at, updated_at = excluded.updated_at, body = excluded.body""",
    DELIVERIES: """\
SELECT deliveries.id, deliveries.webhook, deliveries.status, deliveries.due_at, deliveries.created_at, deliveries.updated_at, deliveries.body
FROM deliveries
WHERE deliveries.webhook = %(webhook)s::VARCHAR ORDER BY deliveries.seq DESC
LIMIT %(size)s OFFSET %(offset)s""",
    COUNT_DELIVERIES: """\
SELECT count(*) AS count_1
FROM deliveries
WHERE deliveries.webhook = %(webhook)s::VARCHAR""",
    DELETE_CHAT_MESSAGES: """\
DELETE FROM messages WHERE messages.trial = %(trial)s::VARCHAR""",
    DELETE_CHAT: """\
DELETE FROM chats WHERE chats.id = %(id)s::VARCHAR""",
    DELETE_DELIVERY: """\
DELETE FROM deliveries WHERE deliveries.id = %(id)s::VARCHAR""",
    COUNT_OLD_SIMULATIONS: """\
SELECT count(*) AS count_1
FROM simulations
WHERE simulations.completed_at < %(before)s""",
    OLD_SIMULATIONS: """\
SELECT simulations.id
FROM simulations
WHERE simulations.completed_at < %(before)s ORDER BY simulations.seq
LIMIT %(size)s OFFSET 0""",
    COUNT_OLD_CHATS: """\
SELECT count(*) AS count_1
FROM chats
WHERE chats.status = 'ended' AND chats.updated_at < %(before)s""",
    OLD_CHATS: """\
SELECT chats.id
FROM chats
WHERE chats.status = 'ended' AND chats.updated_at < %(before)s ORDER BY chats.seq
LIMIT %(size)s OFFSET 0""",
    COUNT_OLD_DELIVERIES: """\
SELECT count(*) AS count_1
FROM deliveries
WHERE deliveries.status != 'pending' AND deliveries.updated_at < %(before)s""",
    OLD_DELIVERIES: """\
SELECT deliveries.id
FROM deliveries
WHERE deliveries.status != 'pending' AND deliveries.updated_at < %(before)s ORDER BY deliveries.seq
LIMIT %(size)s OFFSET 0""",
    UNFINISHED: """\
SELECT (SELECT count(*) AS count_1
FROM trials
WHERE trials.status = 'queued') AS anon_1, (SELECT count(*) AS count_2
FROM trials
WHERE trials.status = 'running') AS anon_2""",
    BOUNDED: """\
SELECT simulations.id, simulations.at_once
FROM simulations
WHERE simulations.at_once IS NOT NULL AND simulations.status IN ('queued', 'running') AND (EXISTS (SELECT trials.id
FROM trials
WHERE trials.simulation = simulations.id AND trials.status = 'queued')) ORDER BY simulations.seq""",
    OPEN_TRIAL: """\
SELECT trials.id, trials.alias, trials.simulation, trials.scenario, trials.number, trials.seed, trials.attempt, trials.take, trials.status, trials.outcome, trials.cause, trials.error, trials.termination, trials.steps, trials.started_at, trials.completed_at, trials.costs, trials.warnings, trials.verdict, trials.claim, trials.place
FROM trials
WHERE trials.id = %(id)s::VARCHAR AND (trials.status = 'queued' OR trials.status = 'running') AND trials.simulation IN (SELECT simulations.id
FROM simulations
WHERE simulations.status IN ('queued', 'running')) FOR UPDATE""",
    SIMULATION_OF: """\
SELECT trials.simulation
FROM trials
WHERE trials.id = %(id)s::VARCHAR""",
    RELEASE_TRIAL: """\
UPDATE trials SET status='queued' WHERE trials.id = %(id)s::VARCHAR AND trials.status = 'running' AND (%(claim)s::INTEGER IS NULL OR trials.claim = %(claim)s::INTEGER)""",
    RUNNING_TRIALS: """\
SELECT trials.simulation
FROM trials
WHERE trials.status = 'running'""",
    RELEASE_RUNNING: """\
UPDATE trials SET status='queued' WHERE trials.status = 'running'""",
    SAVE_TRIAL: """\
UPDATE trials SET attempt=%(attempt)s::INTEGER, take=%(take)s::INTEGER, status=%(status)s::VARCHAR, outcome=%(outcome)s::VARCHAR, cause=%(cause)s::VARCHAR, error=%(error)s::VARCHAR, termination=%(termination)s::VARCHAR, steps=%(steps)s::INTEGER, started_at=%(started_at)s, completed_at=%(completed_at)s, costs=%(costs)s::VARCHAR, warnings=%(warnings)s::VARCHAR, verdict=%(verdict)s::VARCHAR WHERE trials.id = %(trial)s::VARCHAR AND trials.status != 'cancelled' AND trials.claim = %(claim)s::INTEGER""",
    TRIAL_STANDING: """\
SELECT trials.status, trials.costs, trials.claim
FROM trials
WHERE trials.id = %(id)s::VARCHAR""",
    END_QUEUED: """\
UPDATE trials SET attempt=%(attempt)s::INTEGER, take=%(take)s::INTEGER, status=%(status)s::VARCHAR, outcome=%(outcome)s::VARCHAR, cause=%(cause)s::VARCHAR, error=%(error)s::VARCHAR, termination=%(termination)s::VARCHAR, steps=%(steps)s::INTEGER, started_at=%(started_at)s, completed_at=%(completed_at)s, costs=%(costs)s::VARCHAR, warnings=%(warnings)s::VARCHAR, verdict=%(verdict)s::VARCHAR WHERE trials.id = %(trial)s::VARCHAR AND trials.status = 'queued'""",
    DUE_DELIVERIES: """\
SELECT deliveries.id, deliveries.webhook, deliveries.status, deliveries.due_at, deliveries.created_at, deliveries.updated_at, deliveries.body
FROM deliveries
WHERE deliveries.status = 'pending' AND deliveries.due_at <= %(now)s ORDER BY deliveries.due_at, deliveries.seq
LIMIT %(count)s OFFSET 0 FOR UPDATE SKIP LOCKED""",
    LEND_DELIVERIES: """\
UPDATE deliveries SET due_at=%(until)s WHERE deliveries.id IN (SELECT json_array_elements_text((%(ids)s::VARCHAR)::json))""",
    KEEP_SHARES: """\
INSERT INTO provider_shares (provider, process, weight, part, seen_at) VALUES (%(provider)s::VARCHAR, %(process)s::VARCHAR, 0.0, 0.0, EXTRACT(EPOCH FROM clock_timestamp())::float8) ON CONFLICT (provider, process) DO NOTHING""",
    LOCK_SHARES: """\
SELECT provider_shares.provider
FROM provider_shares
WHERE provider_shares.provider = %(provider)s::VARCHAR AND provider_shares.process = %(process)s::VARCHAR FOR UPDATE""",
    SHARES: """\
SELECT provider_shares.process, provider_shares.weight, provider_shares.part, EXTRACT(EPOCH FROM clock_timestamp())::float8 - provider_shares.seen_at AS anon_1
FROM provider_shares
WHERE provider_shares.provider = %(provider)s::VARCHAR""",
    SAVE_SHARE: """\
INSERT INTO provider_shares (provider, process, weight, part, seen_at) VALUES (%(provider)s::VARCHAR, %(process)s::VARCHAR, %(weight)s, %(part)s, EXTRACT(EPOCH FROM clock_timestamp())::float8) ON CONFLICT (provider, process) DO UPDATE SET weight = excluded.weight, part = excluded.part, seen_at = excluded.seen_at""",
    FORGET_SHARES: """\
DELETE FROM provider_shares WHERE provider_shares.provider = %(provider)s::VARCHAR AND provider_shares.process != %(process)s::VARCHAR AND EXTRACT(EPOCH FROM clock_timestamp())::float8 - provider_shares.seen_at > %(age)s""",
}

TABLES = (
    "actions",
    "agents",
    "api_keys",
    "chats",
    "messages",
    "provider_shares",
    "scenario_sets",
    "scenarios",
    "simulations",
    "webhooks",
    "workspaces",
    "deliveries",
    "simulation_scenarios",
    "trials",
    "judgements",
    "labels",
)

CREATE = (
    """\
CREATE TABLE actions (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
name TEXT NOT NULL,
created_at DOUBLE NOT NULL,
updated_at DOUBLE NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_actions PRIMARY KEY (seq),
CONSTRAINT uq_actions_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_actions_newest ON actions (workspace, seq)""",
    """\
CREATE TABLE agents (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
name TEXT NOT NULL,
created_at DOUBLE NOT NULL,
updated_at DOUBLE NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_agents PRIMARY KEY (seq),
CONSTRAINT uq_agents_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_agents_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_agents_newest ON agents (workspace, seq)""",
    """\
CREATE TABLE api_keys (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
name TEXT NOT NULL,
digest TEXT NOT NULL,
hint TEXT NOT NULL,
role TEXT NOT NULL,
created_at DOUBLE NOT NULL,
revoked_at DOUBLE,
CONSTRAINT pk_api_keys PRIMARY KEY (seq),
CONSTRAINT uq_api_keys_id UNIQUE (id),
CONSTRAINT uq_api_keys_digest UNIQUE (digest)
)""",
    """\
CREATE TABLE chats (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
status TEXT NOT NULL,
created_at DOUBLE NOT NULL,
updated_at DOUBLE NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_chats PRIMARY KEY (seq),
CONSTRAINT uq_chats_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_chats_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_chats_by_status ON chats (workspace, status, seq)""",
    """\
CREATE INDEX ix_chats_newest ON chats (workspace, seq)""",
    """\
CREATE TABLE messages (
trial TEXT NOT NULL,
take INTEGER NOT NULL,
position INTEGER NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_messages PRIMARY KEY (trial, take, position)
)""",
    """\
CREATE TABLE provider_shares (
provider TEXT NOT NULL,
process TEXT NOT NULL,
weight DOUBLE NOT NULL,
part DOUBLE NOT NULL,
seen_at DOUBLE NOT NULL,
CONSTRAINT pk_provider_shares PRIMARY KEY (provider, process)
)""",
    """\
CREATE TABLE scenario_sets (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
name TEXT NOT NULL,
created_at DOUBLE NOT NULL,
updated_at DOUBLE NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_scenario_sets PRIMARY KEY (seq),
CONSTRAINT uq_scenario_sets_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_scenario_sets_newest ON scenario_sets (workspace, seq)""",
    """\
CREATE TABLE scenarios (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
agent_id TEXT,
name TEXT NOT NULL,
created_at DOUBLE NOT NULL,
updated_at DOUBLE NOT NULL,
body TEXT NOT NULL,
set_id TEXT,
folder TEXT,
CONSTRAINT pk_scenarios PRIMARY KEY (seq),
CONSTRAINT uq_scenarios_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_scenarios_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_scenarios_newest ON scenarios (workspace, seq)""",
    """\
CREATE INDEX ix_scenarios_of_set ON scenarios (set_id, seq) WHERE set_id IS NOT NULL""",
    """\
CREATE TABLE simulations (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
idempotency_key TEXT,
agent_id TEXT NOT NULL,
name TEXT NOT NULL,
status TEXT NOT NULL,
created_at DOUBLE NOT NULL,
started_at DOUBLE,
completed_at DOUBLE,
body TEXT NOT NULL,
set_id TEXT,
max_cost DOUBLE,
status_reason TEXT,
spent DOUBLE DEFAULT 0 NOT NULL,
revision INTEGER DEFAULT 0 NOT NULL,
decision TEXT,
at_once INTEGER,
CONSTRAINT pk_simulations PRIMARY KEY (seq),
CONSTRAINT uq_simulations_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_simulations_workspace_idempotency_key UNIQUE (workspace, idempotency_key),
CONSTRAINT uq_simulations_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_simulations_alias ON simulations (alias) WHERE alias IS NOT NULL""",
    """\
CREATE INDEX ix_simulations_bounded ON simulations (status) WHERE at_once IS NOT NULL""",
    """\
CREATE INDEX ix_simulations_newest ON simulations (workspace, seq)""",
    """\
CREATE INDEX ix_simulations_of_agent ON simulations (agent_id, seq)""",
    """\
CREATE INDEX ix_simulations_of_set ON simulations (set_id, seq) WHERE set_id IS NOT NULL""",
    """\
CREATE INDEX ix_simulations_paused ON simulations (id) WHERE status = 'paused'""",
    """\
CREATE INDEX ix_simulations_with_budget ON simulations (status) WHERE max_cost IS NOT NULL""",
    """\
CREATE TABLE webhooks (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
agent_id TEXT NOT NULL,
active INTEGER NOT NULL,
created_at DOUBLE NOT NULL,
updated_at DOUBLE NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_webhooks PRIMARY KEY (seq),
CONSTRAINT uq_webhooks_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_webhooks_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_webhooks_newest ON webhooks (workspace, seq)""",
    """\
CREATE TABLE workspaces (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
alias TEXT,
CONSTRAINT pk_workspaces PRIMARY KEY (seq),
CONSTRAINT uq_workspaces_id UNIQUE (id),
CONSTRAINT uq_workspaces_alias UNIQUE (alias)
)""",
    """\
CREATE TABLE deliveries (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
webhook TEXT NOT NULL,
status TEXT NOT NULL,
due_at DOUBLE NOT NULL,
created_at DOUBLE NOT NULL,
updated_at DOUBLE NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_deliveries PRIMARY KEY (seq),
CONSTRAINT uq_deliveries_id UNIQUE (id),
CONSTRAINT fk_deliveries_webhook FOREIGN KEY(webhook) REFERENCES webhooks (id) ON DELETE CASCADE
)""",
    """\
CREATE INDEX ix_deliveries_of_webhook ON deliveries (webhook, seq)""",
    """\
CREATE INDEX ix_deliveries_pending ON deliveries (due_at, seq) WHERE status = 'pending'""",
    """\
CREATE TABLE simulation_scenarios (
simulation TEXT NOT NULL,
position INTEGER NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_simulation_scenarios PRIMARY KEY (simulation, position),
CONSTRAINT fk_simulation_scenarios_simulation FOREIGN KEY(simulation) REFERENCES simulations (id) ON DELETE CASCADE
)""",
    """\
CREATE TABLE trials (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
alias TEXT,
simulation TEXT NOT NULL,
scenario TEXT NOT NULL,
number INTEGER NOT NULL,
seed BIGINT NOT NULL,
attempt INTEGER NOT NULL,
take INTEGER NOT NULL,
status TEXT NOT NULL,
outcome TEXT,
cause TEXT,
error TEXT,
termination TEXT,
steps INTEGER NOT NULL,
started_at DOUBLE,
completed_at DOUBLE,
costs TEXT NOT NULL,
warnings TEXT NOT NULL,
verdict TEXT,
claim INTEGER DEFAULT '0' NOT NULL,
place INTEGER DEFAULT '0' NOT NULL,
CONSTRAINT pk_trials PRIMARY KEY (seq),
CONSTRAINT uq_trials_id UNIQUE (id),
CONSTRAINT fk_trials_simulation FOREIGN KEY(simulation) REFERENCES simulations (id) ON DELETE CASCADE
)""",
    """\
CREATE INDEX ix_trials_alias ON trials (alias) WHERE alias IS NOT NULL""",
    """\
CREATE INDEX ix_trials_by_status ON trials (simulation, status, started_at)""",
    """\
CREATE INDEX ix_trials_of_simulation ON trials (simulation, seq)""",
    """\
CREATE INDEX ix_trials_queued ON trials (place, seq, simulation) WHERE status = 'queued'""",
    """\
CREATE INDEX ix_trials_running ON trials (status, simulation) WHERE status = 'running'""",
    """\
CREATE TABLE judgements (
seq INTEGER NOT NULL,
id TEXT NOT NULL,
judging TEXT NOT NULL,
simulation TEXT NOT NULL,
trial TEXT NOT NULL,
judge TEXT NOT NULL,
outcome TEXT NOT NULL,
created_at DOUBLE NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_judgements PRIMARY KEY (seq),
CONSTRAINT uq_judgements_id UNIQUE (id),
CONSTRAINT fk_judgements_trial FOREIGN KEY(trial) REFERENCES trials (id) ON DELETE CASCADE
)""",
    """\
CREATE INDEX ix_judgements_of_simulation ON judgements (simulation, seq)""",
    """\
CREATE INDEX ix_judgements_of_trial ON judgements (trial, seq)""",
    """\
CREATE TABLE labels (
trial TEXT NOT NULL,
kind TEXT NOT NULL,
place INTEGER NOT NULL,
person TEXT NOT NULL,
agrees INTEGER NOT NULL,
finding TEXT NOT NULL,
note TEXT NOT NULL,
at DOUBLE NOT NULL,
CONSTRAINT pk_labels PRIMARY KEY (trial, kind, place, person),
CONSTRAINT fk_labels_trial FOREIGN KEY(trial) REFERENCES trials (id) ON DELETE CASCADE
)""",
)

CREATE_POSTGRES = (
    """\
CREATE TABLE actions (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
name TEXT NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
updated_at DOUBLE PRECISION NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_actions PRIMARY KEY (seq),
CONSTRAINT uq_actions_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_actions_newest ON actions (workspace, seq)""",
    """\
CREATE TABLE agents (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
name TEXT NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
updated_at DOUBLE PRECISION NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_agents PRIMARY KEY (seq),
CONSTRAINT uq_agents_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_agents_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_agents_newest ON agents (workspace, seq)""",
    """\
CREATE TABLE api_keys (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
name TEXT NOT NULL,
digest TEXT NOT NULL,
hint TEXT NOT NULL,
role TEXT NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
revoked_at DOUBLE PRECISION,
CONSTRAINT pk_api_keys PRIMARY KEY (seq),
CONSTRAINT uq_api_keys_id UNIQUE (id),
CONSTRAINT uq_api_keys_digest UNIQUE (digest)
)""",
    """\
CREATE TABLE chats (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
status TEXT NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
updated_at DOUBLE PRECISION NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_chats PRIMARY KEY (seq),
CONSTRAINT uq_chats_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_chats_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_chats_by_status ON chats (workspace, status, seq)""",
    """\
CREATE INDEX ix_chats_newest ON chats (workspace, seq)""",
    """\
CREATE TABLE messages (
trial TEXT NOT NULL,
take INTEGER NOT NULL,
position INTEGER NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_messages PRIMARY KEY (trial, take, position)
)""",
    """\
CREATE TABLE provider_shares (
provider TEXT NOT NULL,
process TEXT NOT NULL,
weight DOUBLE PRECISION NOT NULL,
part DOUBLE PRECISION NOT NULL,
seen_at DOUBLE PRECISION NOT NULL,
CONSTRAINT pk_provider_shares PRIMARY KEY (provider, process)
)""",
    """\
CREATE TABLE scenario_sets (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
name TEXT NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
updated_at DOUBLE PRECISION NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_scenario_sets PRIMARY KEY (seq),
CONSTRAINT uq_scenario_sets_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_scenario_sets_newest ON scenario_sets (workspace, seq)""",
    """\
CREATE TABLE scenarios (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
agent_id TEXT,
name TEXT NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
updated_at DOUBLE PRECISION NOT NULL,
body TEXT NOT NULL,
set_id TEXT,
folder TEXT,
CONSTRAINT pk_scenarios PRIMARY KEY (seq),
CONSTRAINT uq_scenarios_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_scenarios_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_scenarios_newest ON scenarios (workspace, seq)""",
    """\
CREATE INDEX ix_scenarios_of_set ON scenarios (set_id, seq) WHERE set_id IS NOT NULL""",
    """\
CREATE TABLE simulations (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
idempotency_key TEXT,
agent_id TEXT NOT NULL,
name TEXT NOT NULL,
status TEXT NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
started_at DOUBLE PRECISION,
completed_at DOUBLE PRECISION,
body TEXT NOT NULL,
set_id TEXT,
max_cost DOUBLE PRECISION,
status_reason TEXT,
spent DOUBLE PRECISION DEFAULT 0 NOT NULL,
revision INTEGER DEFAULT 0 NOT NULL,
decision TEXT,
at_once INTEGER,
CONSTRAINT pk_simulations PRIMARY KEY (seq),
CONSTRAINT uq_simulations_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_simulations_workspace_idempotency_key UNIQUE (workspace, idempotency_key),
CONSTRAINT uq_simulations_id UNIQUE (id)
)""",
    """\
COMMENT ON COLUMN simulations.body IS 'agent, models and limits as they were'""",
    """\
COMMENT ON COLUMN simulations.max_cost IS 'USD'""",
    """\
COMMENT ON COLUMN simulations.spent IS 'known USD of trials that are over'""",
    """\
COMMENT ON COLUMN simulations.revision IS 'grows with its trials'""",
    """\
COMMENT ON COLUMN simulations.decision IS 'what was decided before all trials were played'""",
    """\
COMMENT ON COLUMN simulations.at_once IS 'its trials that may be at play at the same time'""",
    """\
CREATE INDEX ix_simulations_alias ON simulations (alias) WHERE alias IS NOT NULL""",
    """\
CREATE INDEX ix_simulations_bounded ON simulations (status) WHERE at_once IS NOT NULL""",
    """\
CREATE INDEX ix_simulations_newest ON simulations (workspace, seq)""",
    """\
CREATE INDEX ix_simulations_of_agent ON simulations (agent_id, seq)""",
    """\
CREATE INDEX ix_simulations_of_set ON simulations (set_id, seq) WHERE set_id IS NOT NULL""",
    """\
CREATE INDEX ix_simulations_paused ON simulations (id) WHERE status = 'paused'""",
    """\
CREATE INDEX ix_simulations_with_budget ON simulations (status) WHERE max_cost IS NOT NULL""",
    """\
CREATE TABLE webhooks (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
workspace TEXT NOT NULL,
alias TEXT,
agent_id TEXT NOT NULL,
active INTEGER NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
updated_at DOUBLE PRECISION NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_webhooks PRIMARY KEY (seq),
CONSTRAINT uq_webhooks_workspace_alias UNIQUE (workspace, alias),
CONSTRAINT uq_webhooks_id UNIQUE (id)
)""",
    """\
CREATE INDEX ix_webhooks_newest ON webhooks (workspace, seq)""",
    """\
CREATE TABLE workspaces (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
alias TEXT,
CONSTRAINT pk_workspaces PRIMARY KEY (seq),
CONSTRAINT uq_workspaces_id UNIQUE (id),
CONSTRAINT uq_workspaces_alias UNIQUE (alias)
)""",
    """\
CREATE TABLE deliveries (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
webhook TEXT NOT NULL,
status TEXT NOT NULL,
due_at DOUBLE PRECISION NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
updated_at DOUBLE PRECISION NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_deliveries PRIMARY KEY (seq),
CONSTRAINT uq_deliveries_id UNIQUE (id),
CONSTRAINT fk_deliveries_webhook FOREIGN KEY(webhook) REFERENCES webhooks (id) ON DELETE CASCADE
)""",
    """\
CREATE INDEX ix_deliveries_of_webhook ON deliveries (webhook, seq)""",
    """\
CREATE INDEX ix_deliveries_pending ON deliveries (due_at, seq) WHERE status = 'pending'""",
    """\
CREATE TABLE simulation_scenarios (
simulation TEXT NOT NULL,
position INTEGER NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_simulation_scenarios PRIMARY KEY (simulation, position),
CONSTRAINT fk_simulation_scenarios_simulation FOREIGN KEY(simulation) REFERENCES simulations (id) ON DELETE CASCADE
)""",
    """\
COMMENT ON COLUMN simulation_scenarios.body IS 'the scenario as it was'""",
    """\
CREATE TABLE trials (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
alias TEXT,
simulation TEXT NOT NULL,
scenario TEXT NOT NULL,
number INTEGER NOT NULL,
seed BIGINT NOT NULL,
attempt INTEGER NOT NULL,
take INTEGER NOT NULL,
status TEXT NOT NULL,
outcome TEXT,
cause TEXT,
error TEXT,
termination TEXT,
steps INTEGER NOT NULL,
started_at DOUBLE PRECISION,
completed_at DOUBLE PRECISION,
costs TEXT NOT NULL,
warnings TEXT NOT NULL,
verdict TEXT,
claim INTEGER DEFAULT '0' NOT NULL,
place INTEGER DEFAULT '0' NOT NULL,
CONSTRAINT pk_trials PRIMARY KEY (seq),
CONSTRAINT uq_trials_id UNIQUE (id),
CONSTRAINT fk_trials_simulation FOREIGN KEY(simulation) REFERENCES simulations (id) ON DELETE CASCADE
)""",
    """\
COMMENT ON COLUMN trials.costs IS 'USD by role'""",
    """\
CREATE INDEX ix_trials_alias ON trials (alias) WHERE alias IS NOT NULL""",
    """\
CREATE INDEX ix_trials_by_status ON trials (simulation, status, started_at)""",
    """\
CREATE INDEX ix_trials_of_simulation ON trials (simulation, seq)""",
    """\
CREATE INDEX ix_trials_queued ON trials (place, seq, simulation) WHERE status = 'queued'""",
    """\
CREATE INDEX ix_trials_running ON trials (status, simulation) WHERE status = 'running'""",
    """\
CREATE TABLE judgements (
seq SERIAL NOT NULL,
id TEXT NOT NULL,
judging TEXT NOT NULL,
simulation TEXT NOT NULL,
trial TEXT NOT NULL,
judge TEXT NOT NULL,
outcome TEXT NOT NULL,
created_at DOUBLE PRECISION NOT NULL,
body TEXT NOT NULL,
CONSTRAINT pk_judgements PRIMARY KEY (seq),
CONSTRAINT uq_judgements_id UNIQUE (id),
CONSTRAINT fk_judgements_trial FOREIGN KEY(trial) REFERENCES trials (id) ON DELETE CASCADE
)""",
    """\
COMMENT ON COLUMN judgements.judging IS 'the occasion: all that were judged again at once'""",
    """\
CREATE INDEX ix_judgements_of_simulation ON judgements (simulation, seq)""",
    """\
CREATE INDEX ix_judgements_of_trial ON judgements (trial, seq)""",
    """\
CREATE TABLE labels (
trial TEXT NOT NULL,
kind TEXT NOT NULL,
place INTEGER NOT NULL,
person TEXT NOT NULL,
agrees INTEGER NOT NULL,
finding TEXT NOT NULL,
note TEXT NOT NULL,
at DOUBLE PRECISION NOT NULL,
CONSTRAINT pk_labels PRIMARY KEY (trial, kind, place, person),
CONSTRAINT fk_labels_trial FOREIGN KEY(trial) REFERENCES trials (id) ON DELETE CASCADE
)""",
)
