/* Made of the API's OpenAPI document by make page; not edited by hand. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Act
         * @description One act on many runs.
         */
        Act: {
            /** Runs */
            runs: string[];
            /**
             * Act
             * @enum {string}
             */
            act: "stop" | "delete" | "tag";
            /**
             * Add
             * @description tags to add, of the act `tag`
             * @default []
             */
            add: string[];
            /**
             * Remove
             * @description tags to take away, of the act `tag`
             * @default []
             */
            remove: string[];
        };
        /**
         * Alert
         * @description A rule that is kept; `armed` is when it was made or last changed, Unix seconds.
         */
        Alert: {
            /**
             * Series
             * @description a name, or a pattern: `rho.*`, `*` for every one
             * @default *
             */
            series: string;
            /**
             * Condition
             * @enum {string}
             */
            condition: "above" | "below" | "nan" | "stalled";
            /**
             * Threshold
             * @description of `above` and `below`
             */
            threshold?: number | null;
            /**
             * Steps
             * @description values on end that must fulfil it, of those that are told; a missing one breaks it
             * @default 1
             */
            steps: number;
            /**
             * Seconds
             * @description without a step, of `stalled`
             * @default 300
             */
            seconds: number;
            /**
             * Run
             * @description only this run
             * @default
             */
            run: string;
            /**
             * Tag
             * @description only runs with this tag
             * @default
             */
            tag: string;
            /**
             * Enabled
             * @default true
             */
            enabled: boolean;
            /** Id */
            id: string;
            /**
             * Words
             * @description the rule in words
             * @default
             */
            words: string;
            /** Created */
            created: number;
            /** Armed */
            armed: number;
        };
        /**
         * AlertEdit
         * @description What of a rule becomes something else.
         */
        AlertEdit: {
            /** Series */
            series?: string | null;
            /** Condition */
            condition?: ("above" | "below" | "nan" | "stalled") | null;
            /** Threshold */
            threshold?: number | null;
            /** Steps */
            steps?: number | null;
            /** Seconds */
            seconds?: number | null;
            /** Run */
            run?: string | null;
            /** Tag */
            tag?: string | null;
            /** Enabled */
            enabled?: boolean | null;
        };
        /**
         * AlertRule
         * @description When somebody wants to be told of a run, with the page open or not.
         *
         *     `above`, `below` and `nan` look at each value of the series that `series` names; `stalled` at the time
         *     since a running run's last step. A rule fires once per run and series, `stalled` once per step; one that
         *     was changed fires anew.
         */
        AlertRule: {
            /**
             * Series
             * @description a name, or a pattern: `rho.*`, `*` for every one
             * @default *
             */
            series: string;
            /**
             * Condition
             * @enum {string}
             */
            condition: "above" | "below" | "nan" | "stalled";
            /**
             * Threshold
             * @description of `above` and `below`
             */
            threshold?: number | null;
            /**
             * Steps
             * @description values on end that must fulfil it, of those that are told; a missing one breaks it
             * @default 1
             */
            steps: number;
            /**
             * Seconds
             * @description without a step, of `stalled`
             * @default 300
             */
            seconds: number;
            /**
             * Run
             * @description only this run
             * @default
             */
            run: string;
            /**
             * Tag
             * @description only runs with this tag
             * @default
             */
            tag: string;
            /**
             * Enabled
             * @default true
             */
            enabled: boolean;
        };
        /**
         * Band
         * @description A series of several runs, as many means as `steps`.
         */
        Band: {
            /** Name */
            name: string;
            /**
             * Steps
             * @description the last one of each stretch
             */
            steps: number[];
            /**
             * X
             * @description as asked by `align`: epochs, Unix seconds, or seconds of training
             * @default []
             */
            x: number[];
            /** Mean */
            mean: number[];
            /** Deviation */
            deviation: number[];
            /**
             * Low
             * @description the least of all values in the stretch
             * @default []
             */
            low: number[];
            /**
             * High
             * @description the greatest
             * @default []
             */
            high: number[];
            /**
             * Runs
             * @description that have a value there
             */
            runs: number[];
        };
        /**
         * Bunch
         * @description Runs that have one thing in common, `count` of them at the next places of the index.
         */
        Bunch: {
            /**
             * Value
             * @description what they have in common; null: they lack it
             */
            value: number | string | null;
            /**
             * Label
             * @description a sweep's name
             * @default
             */
            label: string;
            /** Count */
            count: number;
            /**
             * Scored
             * @description how many of them have a best validation accuracy
             * @default 0
             */
            scored: number;
            /**
             * Mean
             * @description of the best validation accuracies
             */
            mean?: number | null;
            /**
             * Deviation
             * @description their sample standard deviation
             */
            deviation?: number | null;
        };
        /**
         * Catalog
         * @description All plug-ins of one worker's installation.
         */
        Catalog: {
            /** Version */
            version: string;
            /** Plugins */
            plugins: components["schemas"]["Plugin"][];
        };
        /**
         * Changes
         * @description Live settings by name, and who changes them; the settings may also stand at the top level.
         */
        Changes: {
            /**
             * Settings
             * @description new values by name
             * @default {}
             */
            settings: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * Who
             * @description shown beside the change
             * @default
             */
            who: string;
        };
        /**
         * Check
         * @description One part: whether it is well, and a sentence.
         */
        Check: {
            /** Ok */
            ok: boolean;
            /** Says */
            says: string;
        };
        /**
         * Checkpoint
         * @description A checkpoint that was written.
         */
        Checkpoint: {
            /** Attempt */
            attempt: number;
            /** Step */
            step: number;
            /**
             * Time
             * @description Unix seconds
             */
            time: number;
            /**
             * Name
             * @description the file's name
             * @default
             */
            name: string;
            /**
             * Path
             * @default
             */
            path: string;
            /**
             * Sha256
             * @default
             */
            sha256: string;
            /** Bytes */
            bytes?: number | null;
            /**
             * Kept
             * @description whether the file was still there when the newest one was written
             */
            kept: boolean;
            /**
             * Strategy
             * @description in force when it was written; of kept ones
             * @default
             */
            strategy: string;
            /**
             * Settings
             * @description in force when it was written; of kept ones
             * @default {}
             */
            settings: {
                [key: string]: unknown;
            };
        };
        /**
         * Contents
         * @description What a data set holds where it is kept, as the worker says that opened it.
         */
        Contents: {
            /**
             * Modalities
             * @description default encoder by modality
             */
            modalities: {
                [key: string]: string;
            };
            /** Classes */
            classes: number;
            /**
             * Train Size
             * @description most training examples it can give
             */
            train_size?: number | null;
            /**
             * Remarks
             * @description what must be known about it, a sentence each
             * @default []
             */
            remarks: string[];
        };
        /**
         * Difference
         * @description A number against the same of the baseline, over runs that share the seed and all else that varies.
         */
        Difference: {
            /**
             * Pairs
             * @description runs on each side that have a counterpart
             */
            pairs: number;
            /** Mean */
            mean?: number | null;
            /**
             * Low
             * @description 95 % bootstrap interval; none of fewer than 3 pairs
             */
            low?: number | null;
            /** High */
            high?: number | null;
        };
        /**
         * Event
         * @description Something that happened at a step; non-finite numbers travel as "NaN", "Infinity", "-Infinity".
         *
         *     `data` by kind:
         *
         *     - started: worker, device, modalities, start_step, total_steps, epochs, steps_per_epoch,
         *       series (expanded declarations), parameters (count by modality), settings (all in force)
         *     - values: values {series name: number}, the sparse series
         *     - table: name, epoch, rows, columns, values: `rhoscope.tables.Table`
         *     - epoch: epoch (the one that ended, from 0)
         *     - setting: setting, old, new, who, command; of the strategy also before and settings, all values
         *     - checkpoint: path, sha256, bytes, kept (names of all checkpoint files there are now)
         *     - finished: state (completed | failed | stopped | paused), reason
         *     - lost, state, log: reason | state | line
         *     - alert: alert (its id), words, series, value; written by the back end, never by a worker
         */
        Event: {
            /** Run */
            run: string;
            /** Attempt */
            attempt: number;
            /**
             * Kind
             * @enum {string}
             */
            kind: "started" | "values" | "table" | "epoch" | "setting" | "checkpoint" | "finished" | "lost" | "state" | "log" | "alert";
            /**
             * Step
             * @description the next step to be taken when it happened
             */
            step: number;
            /**
             * Time
             * @description Unix seconds
             */
            time: number;
            /**
             * Data
             * @default {}
             */
            data: {
                [key: string]: unknown;
            };
        };
        /**
         * Fired
         * @description An alert that fired: at this step of this run, for this series.
         */
        Fired: {
            /** Id */
            id: number;
            /** Alert */
            alert: string;
            /** Words */
            words: string;
            /** Run */
            run: string;
            /**
             * Name
             * @description the run's
             */
            name: string;
            /** Attempt */
            attempt: number;
            /**
             * Series
             * @description empty when the run stalled
             */
            series: string;
            /** Step */
            step: number;
            /**
             * Value
             * @description of the series; seconds without a step when it stalled
             */
            value: number;
            /**
             * Time
             * @description Unix seconds
             */
            time: number;
        };
        /**
         * Forecast
         * @description The answer of POST /runs/check and POST /sweeps/check for what fits.
         */
        Forecast: {
            /**
             * Runs
             * @description how many would be queued
             */
            runs: number;
            /**
             * Steps
             * @description most optimiser steps of one of them; empty where not known
             */
            steps: number | null;
            /**
             * Steps In All
             * @description of all of them together; empty where not known
             */
            steps_in_all: number | null;
            /**
             * Ahead
             * @description queued runs that train before the first of these
             */
            ahead: number;
            /**
             * Busy
             * @description runs that hold a worker now
             */
            busy: number;
            /**
             * Free
             * @description workers that wait for something to train
             */
            free: string[];
            /**
             * Workers
             * @description that are there and take something new
             */
            workers: number;
            /** @description what a worker says of a single run's data; empty: no need to look */
            contents?: components["schemas"]["Contents"] | null;
        };
        /**
         * Fork
         * @description What a fork changes: settings, the strategy, and from which step on.
         */
        Fork: {
            /**
             * Step
             * @description from the last checkpoint at or before this step; empty: the newest
             */
            step?: number | null;
            /**
             * Strategy
             * @description another strategy; empty: the parent's
             * @default
             */
            strategy: string;
            /**
             * Settings
             * @description what is changed, by name
             * @default {}
             */
            settings: {
                [key: string]: unknown;
            };
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * Tags
             * @default []
             */
            tags: string[];
            /**
             * Notes
             * @default
             */
            notes: string;
        };
        /**
         * Group
         * @description Runs with the same values of the settings they are grouped by.
         */
        Group: {
            /**
             * Values
             * @description by setting or plug-in field
             */
            values: {
                [key: string]: unknown;
            };
            /** Runs */
            runs: string[];
            /**
             * Final
             * @description of the runs that have them: the best validation accuracy and the last sparse values
             */
            final: {
                [key: string]: components["schemas"]["Spread"];
            };
            /**
             * Whole
             * @description means over all steps, of the series asked for
             * @default {}
             */
            whole: {
                [key: string]: components["schemas"]["Spread"];
            };
            /**
             * Bands
             * @default []
             */
            bands: components["schemas"]["Band"][];
            /**
             * Differences
             * @description of the final numbers, to the baseline's, where one was asked for
             * @default {}
             */
            differences: {
                [key: string]: components["schemas"]["Difference"];
            };
        };
        /**
         * Groups
         * @description Answer of GET /groups.
         */
        Groups: {
            /** By */
            by: string[];
            /** Groups */
            groups: components["schemas"]["Group"][];
            /**
             * Declared
             * @description all series that the runs have
             * @default []
             */
            declared: components["schemas"]["Series"][];
        };
        /**
         * Health
         * @description Well when every part is, workers aside: without one, runs wait in the queue.
         */
        Health: {
            /** Ok */
            ok: boolean;
            /** Checks */
            checks: {
                [key: string]: components["schemas"]["Check"];
            };
        };
        /**
         * Index
         * @description Ids in order. With `by` bunch after bunch; a run stands in as many bunches as it has tags.
         */
        Index: {
            /**
             * Total
             * @description runs the filter keeps, also above the 20000 that are named here
             */
            total: number;
            /**
             * States
             * @description how many in each state, whatever states the filter asks for
             */
            states: {
                [key: string]: number;
            };
            /**
             * Bunches
             * @default []
             */
            bunches: components["schemas"]["Bunch"][];
            /** Runs */
            runs: string[];
        };
        JsonValue: unknown;
        /**
         * Log
         * @description The end of what the training process wrote, and lines from its events; oldest first.
         */
        Log: {
            /** Run */
            run: string;
            /** Lines */
            lines: string[];
            /** Notes */
            notes: string[];
            /**
             * There
             * @description whether the process wrote it on the API's machine, or its disk
             */
            there: boolean;
        };
        /**
         * Origin
         * @description The checkpoint of another run that this one starts from.
         */
        Origin: {
            /** Run */
            run: string;
            /** Step */
            step: number;
            /**
             * Checkpoint
             * @description the file's name
             */
            checkpoint: string;
        };
        /**
         * Outcome
         * @description To which runs it was done, and to which not.
         */
        Outcome: {
            /** Done */
            done: string[];
            /** Refused */
            refused: components["schemas"]["Refusal"][];
        };
        /**
         * Plugin
         * @description One thing that can be chosen by name, or the training loop itself (kind `training`).
         */
        Plugin: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "training" | "dataset" | "encoder" | "fusion" | "strategy";
            /** Name */
            name: string;
            /** Title */
            title: string;
            /** Help */
            help: string;
            /**
             * Paper
             * @description the publication it comes from, with the equation
             * @default
             */
            paper: string;
            /**
             * Settings
             * @description JSON Schema of each setting, by name
             * @default {}
             */
            settings: {
                [key: string]: unknown;
            };
            /**
             * Series
             * @default []
             */
            series: components["schemas"]["Series"][];
            /**
             * Facts
             * @description data sets: modalities {name: {shape, encoder}} that it can have, varies (whether those it has depend on settings or files), classes, train_size (a number, or the name of the setting that gives it)
             * @default {}
             */
            facts: {
                [key: string]: unknown;
            };
            /**
             * Provides
             * @description abilities others may require, such as 'additive'
             * @default []
             */
            provides: string[];
            /**
             * Requires
             * @description abilities the other chosen plug-ins must provide
             * @default []
             */
            requires: string[];
            /**
             * Error
             * @description why it can't be used; such a plug-in is listed, not launched
             * @default
             */
            error: string;
        };
        /**
         * Refusal
         * @description A run to which it was not done, and why.
         */
        Refusal: {
            /** Run */
            run: string;
            /**
             * Status
             * @description as the HTTP status for this run alone
             */
            status: number;
            /** Detail */
            detail: string;
        };
        /**
         * Relative
         * @description A run as a member of a family of forks.
         */
        Relative: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            state: components["schemas"]["RunState"];
            /** Strategy */
            strategy: string;
            /**
             * Parent
             * @description the run it was forked from, if there is still one
             */
            parent?: string | null;
            /** Parent Step */
            parent_step?: number | null;
            /**
             * Best
             * @default {}
             */
            best: {
                [key: string]: number;
            };
        };
        /**
         * Resumption
         * @description How far a paused run goes.
         */
        Resumption: {
            /**
             * Steps
             * @description pause again after so many steps; to the end when empty
             */
            steps?: number | null;
        };
        /**
         * Run
         * @description One run. Times are Unix seconds; `step` counts finished optimiser steps.
         */
        Run: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            spec: components["schemas"]["RunSpec"];
            /**
             * Settings
             * @description every setting in force, defaults filled in
             */
            settings: {
                [key: string]: unknown;
            };
            state: components["schemas"]["RunState"];
            /**
             * Reason
             * @description why it ended as it did
             * @default
             */
            reason: string;
            /**
             * Attempt
             * @description execution number, from 1; the fencing epoch
             */
            attempt: number;
            /**
             * Step
             * @default 0
             */
            step: number;
            /** Total Steps */
            total_steps?: number | null;
            /**
             * Epoch
             * @default 0
             */
            epoch: number;
            /** Epochs */
            epochs?: number | null;
            /**
             * Progress
             * @default 0
             */
            progress: number;
            /**
             * Eta S
             * @description seconds left, from the pace of this attempt
             */
            eta_s?: number | null;
            /** Steps Per S */
            steps_per_s?: number | null;
            /** Created */
            created: number;
            /** Started */
            started?: number | null;
            /** Finished */
            finished?: number | null;
            /**
             * Worker
             * @default
             */
            worker: string;
            /**
             * Device
             * @default
             */
            device: string;
            /**
             * Modalities
             * @default []
             */
            modalities: string[];
            /**
             * Tags
             * @default []
             */
            tags: string[];
            /**
             * Notes
             * @default
             */
            notes: string;
            /**
             * Priority
             * @description the higher, the earlier it trains
             * @default 0
             */
            priority: number;
            /** Sweep */
            sweep?: string | null;
            /** Parent */
            parent?: string | null;
            /** Parent Step */
            parent_step?: number | null;
            /**
             * Last
             * @description newest value of each series
             * @default {}
             */
            last: {
                [key: string]: number;
            };
            /**
             * Best
             * @description best validation accuracy and its step
             * @default {}
             */
            best: {
                [key: string]: number;
            };
            /**
             * Series
             * @description declarations, modalities filled in
             * @default []
             */
            series: components["schemas"]["Series"][];
        };
        /**
         * RunEdit
         * @description What may be changed of any run at any time.
         */
        RunEdit: {
            /** Name */
            name?: string | null;
            /** Tags */
            tags?: string[] | null;
            /** Notes */
            notes?: string | null;
            /**
             * Priority
             * @description place in the queue
             */
            priority?: number | null;
        };
        /**
         * RunPage
         * @description A page of runs; `next` is the cursor of the following page.
         */
        RunPage: {
            /** Runs */
            runs: components["schemas"]["Run"][];
            /** Next */
            next?: string | null;
            /** Total */
            total: number;
        };
        /**
         * RunSpec
         * @description What to train. Settings of the training loop and of every chosen plug-in share one flat namespace.
         *
         *     A setting may stand at the top level or inside `settings`:
         *
         *     >>> RunSpec.model_validate({"strategy": "ogm", "alpha": 0.8}).settings
         *     {'alpha': 0.8}
         */
        RunSpec: {
            /**
             * Name
             * @description shown in tables; made from the settings if empty
             * @default
             */
            name: string;
            /**
             * Tags
             * @default []
             */
            tags: string[];
            /**
             * Notes
             * @default
             */
            notes: string;
            /**
             * Dataset
             * @default av-digits
             */
            dataset: string;
            /**
             * Fusion
             * @default concat
             */
            fusion: string;
            /**
             * Strategy
             * @default ogm-ge
             */
            strategy: string;
            /**
             * Encoders
             * @description encoder by modality; the data set's default where a modality is not named
             * @default {}
             */
            encoders: {
                [key: string]: string;
            };
            /**
             * Settings
             * @description by name; defaults where not named
             * @default {}
             */
            settings: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /** @description where a fork starts; empty: from the beginning */
            origin?: components["schemas"]["Origin"] | null;
            /**
             * Priority
             * @description the higher, the earlier it trains
             * @default 0
             */
            priority: number;
            /**
             * Max Attempts
             * @description executions before a dying run is given up
             * @default 3
             */
            max_attempts: number;
        };
        /**
         * RunState
         * @enum {string}
         */
        RunState: "queued" | "starting" | "running" | "pausing" | "paused" | "stopping" | "stopped" | "completed" | "failed" | "lost";
        /**
         * Sent
         * @description A command on its way; its event carries the same id.
         */
        Sent: {
            /** Command */
            command: string;
        };
        /**
         * Series
         * @description A named column. `{m}` in the name stands for each modality: `rho.{m}` becomes `rho.audio`, ...
         *
         *     A chart gathers all series with the same `chart` (default: the name's part before `.{m}`); its title,
         *     scale and reference line are those of the series whose stem is the chart's name.
         */
        Series: {
            /** Name */
            name: string;
            /** Title */
            title: string;
            /**
             * Unit
             * @description '1' for a pure number
             */
            unit: string;
            /**
             * Formula
             * @description plain Unicode mathematics
             */
            formula: string;
            /**
             * Help
             * @description what it means and how to read it
             */
            help: string;
            /**
             * Chart
             * @default
             */
            chart: string;
            /**
             * Role
             * @description what tells it apart in its chart's legend
             * @default
             */
            role: string;
            /**
             * Scale
             * @default linear
             * @enum {string}
             */
            scale: "linear" | "log";
            /**
             * Reference
             * @description a horizontal line worth drawing
             */
            reference?: number | null;
            /**
             * Reduce
             * @description how several GPUs' values become one
             * @default same
             * @enum {string}
             */
            reduce: "mean" | "sum" | "same";
            /**
             * Sparse
             * @description not at every step: travels in events, not blocks
             * @default false
             */
            sparse: boolean;
        };
        /**
         * SeriesAnswer
         * @description Answer of GET /runs/{id}/series.
         */
        SeriesAnswer: {
            /** Run */
            run: string;
            /** Series */
            series: components["schemas"]["SeriesData"][];
        };
        /**
         * SeriesData
         * @description Values of one series, as many as `steps`. Non-finite ones are "NaN", "Infinity", "-Infinity".
         */
        SeriesData: {
            /** Name */
            name: string;
            /** Steps */
            steps: number[];
            /** Values */
            values: number[];
            /**
             * Total
             * @description rows in the asked range before thinning
             */
            total: number;
        };
        /**
         * Spark
         * @description The small curves of one run.
         */
        Spark: {
            /** Run */
            run: string;
            /**
             * Step
             * @description finished steps, as far as the curves go
             */
            step: number;
            /** Total */
            total?: number | null;
            /** Series */
            series: components["schemas"]["SparkSeries"][];
        };
        /**
         * SparkSeries
         * @description A series in few stretches of steps; its first steps, and its least and greatest value in each.
         */
        SparkSeries: {
            /** Name */
            name: string;
            /** Steps */
            steps: number[];
            /** Low */
            low: number[];
            /** High */
            high: number[];
        };
        /**
         * Spread
         * @description One number of several runs.
         */
        Spread: {
            /** Mean */
            mean: number;
            /**
             * Deviation
             * @description sample standard deviation; 0 of a single run
             */
            deviation: number;
            /**
             * Values
             * @description by run
             */
            values: {
                [key: string]: number;
            };
        };
        /**
         * Sweep
         * @description A sweep and its runs.
         */
        Sweep: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            spec: components["schemas"]["SweepSpec"];
            /** Created */
            created: number;
            /** Runs */
            runs: components["schemas"]["Run"][];
        };
        /**
         * SweepEdit
         * @description What may be changed of any sweep at any time.
         */
        SweepEdit: {
            /** Name */
            name?: string | null;
            /**
             * Median After
             * @description null: the rule is off
             */
            median_after?: number | null;
        };
        /**
         * SweepSpec
         * @description A base specification, a grid over any settings or plug-in names, and seeds.
         *
         *     Every combination of `grid` values and `seeds` becomes one run.
         */
        SweepSpec: {
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * @default {
             *       "name": "",
             *       "tags": [],
             *       "notes": "",
             *       "dataset": "av-digits",
             *       "fusion": "concat",
             *       "strategy": "ogm-ge",
             *       "encoders": {},
             *       "settings": {},
             *       "priority": 0,
             *       "max_attempts": 3
             *     }
             */
            base: components["schemas"]["RunSpec"];
            /**
             * Grid
             * @description values by setting or plug-in field
             * @default {}
             */
            grid: {
                [key: string]: unknown[];
            };
            /**
             * Points
             * @description explicit combinations instead of a grid
             * @default []
             */
            points: {
                [key: string]: unknown;
            }[];
            /**
             * Seeds
             * @description seeds; the base's own seed when empty
             * @default []
             */
            seeds: number[];
            /**
             * Median After
             * @description epochs after which a run stops whose best validation accuracy is below the median of the others' mean ones up to the same step, once three others came there; empty: none is stopped
             */
            median_after?: number | null;
        };
        /**
         * TablesAnswer
         * @description Answer of GET /runs/{id}/tables: one table over time, with the newest one's rows and columns.
         */
        TablesAnswer: {
            /** Run */
            run: string;
            /** Name */
            name: string;
            /** Rows */
            rows: string[];
            /** Columns */
            columns: string[];
            /**
             * Steps
             * @description steps that had been taken at each telling, ascending
             */
            steps: number[];
            /**
             * Epochs
             * @description the epoch that each speaks of
             */
            epochs: number[];
            /**
             * Values
             * @description [times][rows][columns]; null: no such cell
             */
            values: (number | null)[][][];
            /**
             * Total
             * @description times it was told, before thinning
             */
            total: number;
        };
        /**
         * WorkerEdit
         * @description What a worker can be told.
         */
        WorkerEdit: {
            /** Draining */
            draining: boolean;
        };
        /**
         * WorkerStatus
         * @description A worker's heartbeat.
         */
        WorkerStatus: {
            /** Name */
            name: string;
            /** Host */
            host: string;
            /** Pid */
            pid: number;
            /** Device */
            device: string;
            /**
             * Devices
             * @default []
             */
            devices: string[];
            /**
             * Catalog
             * @description digest of its catalogue
             */
            catalog: string;
            /** Run */
            run?: string | null;
            /** Attempt */
            attempt?: number | null;
            /** Started */
            started: number;
            /** Seen */
            seen: number;
            /**
             * Version
             * @default
             */
            version: string;
            /**
             * Draining
             * @description ends what it trains and takes nothing new
             * @default false
             */
            draining: boolean;
            /**
             * Inspects
             * @description answers questions about data where it is
             * @default false
             */
            inspects: boolean;
            /**
             * Memory Used
             * @description bytes, of the GPU or of the machine
             */
            memory_used?: number | null;
            /** Memory Total */
            memory_total?: number | null;
            /**
             * Utilisation
             * @description of the GPU or of all cores
             */
            utilisation?: number | null;
            /**
             * Temperature
             * @description of the GPU, in degrees Celsius
             */
            temperature?: number | null;
        };
        /**
         * FieldError
         * @description One field that does not fit: its path, what was given and what is allowed.
         */
        FieldError: {
            /** Field */
            field: string;
            /**
             * Value
             * @default null
             */
            value: unknown;
            /** Message */
            message: string;
        };
        /**
         * Problem
         * @description The body of every failed HTTP answer (RFC 9457).
         */
        Problem: {
            /**
             * Type
             * @default about:blank
             */
            type: string;
            /** Title */
            title: string;
            /** Status */
            status: number;
            /** Detail */
            detail: string;
            /**
             * Instance
             * @default null
             */
            instance: string | null;
            /**
             * Errors
             * @default []
             */
            errors: components["schemas"]["FieldError"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Act = components['schemas']['Act'];
export type Alert = components['schemas']['Alert'];
export type AlertEdit = components['schemas']['AlertEdit'];
export type AlertRule = components['schemas']['AlertRule'];
export type Band = components['schemas']['Band'];
export type Bunch = components['schemas']['Bunch'];
export type Catalog = components['schemas']['Catalog'];
export type Changes = components['schemas']['Changes'];
export type Check = components['schemas']['Check'];
export type Checkpoint = components['schemas']['Checkpoint'];
export type Contents = components['schemas']['Contents'];
export type Difference = components['schemas']['Difference'];
export type Event = components['schemas']['Event'];
export type Fired = components['schemas']['Fired'];
export type Forecast = components['schemas']['Forecast'];
export type Fork = components['schemas']['Fork'];
export type Group = components['schemas']['Group'];
export type Groups = components['schemas']['Groups'];
export type Health = components['schemas']['Health'];
export type Index = components['schemas']['Index'];
export type JsonValue = components['schemas']['JsonValue'];
export type Log = components['schemas']['Log'];
export type Origin = components['schemas']['Origin'];
export type Outcome = components['schemas']['Outcome'];
export type Plugin = components['schemas']['Plugin'];
export type Refusal = components['schemas']['Refusal'];
export type Relative = components['schemas']['Relative'];
export type Resumption = components['schemas']['Resumption'];
export type Run = components['schemas']['Run'];
export type RunEdit = components['schemas']['RunEdit'];
export type RunPage = components['schemas']['RunPage'];
export type RunSpec = components['schemas']['RunSpec'];
export type RunState = components['schemas']['RunState'];
export type Sent = components['schemas']['Sent'];
export type Series = components['schemas']['Series'];
export type SeriesAnswer = components['schemas']['SeriesAnswer'];
export type SeriesData = components['schemas']['SeriesData'];
export type Spark = components['schemas']['Spark'];
export type SparkSeries = components['schemas']['SparkSeries'];
export type Spread = components['schemas']['Spread'];
export type Sweep = components['schemas']['Sweep'];
export type SweepEdit = components['schemas']['SweepEdit'];
export type SweepSpec = components['schemas']['SweepSpec'];
export type TablesAnswer = components['schemas']['TablesAnswer'];
export type WorkerEdit = components['schemas']['WorkerEdit'];
export type WorkerStatus = components['schemas']['WorkerStatus'];
export type FieldError = components['schemas']['FieldError'];
export type Problem = components['schemas']['Problem'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
