#pragma once

// The tables and views of a result store; docs/store.md says what is in them.

namespace edgeproof::store {

inline constexpr int kSchemaVersion = 6;

inline constexpr const char* kSchema = R"sql(
CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE channel (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE not_applicable (fault TEXT PRIMARY KEY, reason TEXT NOT NULL);
CREATE TABLE class (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE test_window (number INTEGER PRIMARY KEY, label INTEGER NOT NULL, group_number INTEGER NOT NULL);
CREATE TABLE job (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, seed INTEGER NOT NULL,
  fault TEXT, severity INTEGER, realization INTEGER,  -- NULL: it runs on a device
  device TEXT,                                        -- NULL: it does not
  cost REAL NOT NULL, key TEXT NOT NULL);

CREATE TABLE trained_model (key TEXT PRIMARY KEY, best_epoch INTEGER NOT NULL, onnx BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE training_log (
  key TEXT NOT NULL, epoch INTEGER NOT NULL, train_loss REAL NOT NULL,
  validation_loss REAL, validation_accuracy REAL,  -- NULL: no validation
  PRIMARY KEY (key, epoch)) WITHOUT ROWID;
CREATE TABLE deployed_model (
  key TEXT PRIMARY KEY, macs INTEGER NOT NULL, weight_bytes INTEGER NOT NULL,
  coded_weight_bytes INTEGER NOT NULL, arena_bytes INTEGER NOT NULL, nodes TEXT NOT NULL,
  onnx BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE evaluation (
  key TEXT PRIMARY KEY, windows INTEGER NOT NULL, correct INTEGER NOT NULL, macro_f1 REAL NOT NULL,
  ece REAL NOT NULL, clip_rate REAL, same INTEGER, compared INTEGER, labels BLOB NOT NULL, clipped TEXT NOT NULL,
  counted TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE diagnosis (
  key TEXT PRIMARY KEY, windows INTEGER NOT NULL, output_db REAL, agreement REAL NOT NULL,
  blamed INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE diagnosed_layer (
  key TEXT NOT NULL, number INTEGER NOT NULL,
  name TEXT NOT NULL, type TEXT NOT NULL, sqnr_db REAL, alone_db REAL, alone_agreement REAL,
  clip_rate REAL NOT NULL, seen_min REAL NOT NULL, seen_max REAL NOT NULL, int8_min REAL NOT NULL,
  int8_max REAL NOT NULL, weight_db REAL, weight_min REAL, weight_max REAL, scale_spread REAL,
  PRIMARY KEY (key, number)) WITHOUT ROWID;
CREATE TABLE latency (
  key TEXT PRIMARY KEY, median_us REAL NOT NULL, p99_us REAL NOT NULL, runs INTEGER NOT NULL,
  disturbed INTEGER NOT NULL)  -- 1: the machine was busy
  WITHOUT ROWID;
CREATE TABLE device_cost (
  key TEXT PRIMARY KEY, instructions INTEGER NOT NULL, cycles INTEGER NOT NULL,
  flash_bytes INTEGER NOT NULL, ram_bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE job_seconds (
  key TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, cost REAL NOT NULL,
  seconds REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE running (
  key TEXT NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL, threads INTEGER NOT NULL,
  jobs INTEGER NOT NULL, since REAL NOT NULL, share REAL NOT NULL,
  PRIMARY KEY (key, host, process)) WITHOUT ROWID;
CREATE TABLE search_trial (
  strategy TEXT NOT NULL, number INTEGER NOT NULL, genome TEXT NOT NULL, recipe TEXT NOT NULL,
  weight_bytes INTEGER NOT NULL, arena_bytes INTEGER NOT NULL, macs INTEGER NOT NULL,
  clean REAL NOT NULL, robust REAL NOT NULL, PRIMARY KEY (strategy, number)) WITHOUT ROWID;

CREATE VIEW training AS
  SELECT j.name AS training, j.seed, l.epoch, l.train_loss, l.validation_loss, l.validation_accuracy
  FROM job j JOIN training_log l USING (key) WHERE j.kind = 'training';
CREATE VIEW model AS
  SELECT j.name AS variant, j.seed, d.macs, d.weight_bytes, d.coded_weight_bytes, d.arena_bytes, d.onnx
  FROM job j JOIN deployed_model d USING (key) WHERE j.kind = 'deployment';
CREATE VIEW device AS
  SELECT j.name AS variant, j.device AS target, c.instructions, c.cycles, c.flash_bytes, c.ram_bytes
  FROM job j JOIN device_cost c USING (key) WHERE j.kind = 'device';
CREATE VIEW accuracy AS
  SELECT j.name AS variant, j.seed, j.fault, j.severity, j.realization, e.windows, e.correct,
         1.0 * e.correct / e.windows AS accuracy, e.macro_f1, e.ece, e.clip_rate
  FROM job j JOIN evaluation e USING (key) WHERE j.kind = 'evaluation';
CREATE VIEW agreement AS
  SELECT j.name AS variant, j.seed, j.fault, j.severity, j.realization, e.same, e.compared AS windows
  FROM job j JOIN evaluation e USING (key) WHERE j.kind = 'evaluation' AND e.same IS NOT NULL;
CREATE VIEW blamed_layer AS
  SELECT j.name AS variant, j.fault, j.severity, d.output_db, l.name AS layer, l.type, l.sqnr_db, l.clip_rate
  FROM job j JOIN diagnosis d USING (key) JOIN diagnosed_layer l ON l.key = d.key AND l.number = d.blamed
  WHERE j.kind = 'diagnosis';
CREATE VIEW speed AS
  SELECT j.name AS variant, t.median_us, t.p99_us, t.runs, t.disturbed
  FROM job j JOIN latency t USING (key) WHERE j.kind = 'latency';
)sql";

}  // namespace edgeproof::store
