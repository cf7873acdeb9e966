/* Made of the API's OpenAPI document by make page; not edited by hand. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Alert
         * @description A rule that is kept; `armed` is when it was made or last changed, Unix seconds.
         */
        Alert: {
            /**
             * Series
             * @description a name or a pattern, such as `rho.*`; `*` matches every series
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
             * @description threshold of `above` and `below`
             */
            threshold?: number | null;
            /**
             * Steps
             * @description number of consecutive recorded values that must meet the condition; a missing value restarts the count
             * @default 1
             */
            steps: number;
            /**
             * Mean Of
             * @description `above` and `below` look at the mean of this many last values; 1: at each value
             * @default 1
             */
            mean_of: number;
            /**
             * Seconds
             * @description seconds without a step, for `stalled`
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
         * @description Changes to a rule; what is left out stays as it is.
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
            /** Mean Of */
            mean_of?: number | null;
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
         * @description A rule that fires an alert for a run, whether a page is open or not.
         *
         *     `above`, `below` and `nan` look at each value of the series that `series` names; `stalled` at the time
         *     since a running run's last step. A rule fires once per run and series, `stalled` once per step; one that
         *     was changed can fire again.
         */
        AlertRule: {
            /**
             * Series
             * @description a name or a pattern, such as `rho.*`; `*` matches every series
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
             * @description threshold of `above` and `below`
             */
            threshold?: number | null;
            /**
             * Steps
             * @description number of consecutive recorded values that must meet the condition; a missing value restarts the count
             * @default 1
             */
            steps: number;
            /**
             * Mean Of
             * @description `above` and `below` look at the mean of this many last values; 1: at each value
             * @default 1
             */
            mean_of: number;
            /**
             * Seconds
             * @description seconds without a step, for `stalled`
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
         * ApiToken
         * @description A personal token for programs; it may do what its user may.
         */
        ApiToken: {
            /** Id */
            id: string;
            /** User */
            user: string;
            /** Name */
            name: string;
            /**
             * Created
             * @description Unix seconds
             */
            created: number;
            /**
             * Seen
             * @description Unix seconds of its last use, to the hour; null: never
             */
            seen: number | null;
        };
        /**
         * Axis
         * @description The values of one setting: a range from `low` to `high`, or a list of choices.
         *
         *     A list stands for its choices, and a text for a range or for choices:
         *
         *     >>> Axis.model_validate([0.1, 0.8]).choices, Axis.model_validate("joint, ogm-ge").choices
         *     ([0.1, 0.8], ['joint', 'ogm-ge'])
         *     >>> Axis.model_validate("0.0001..0.1:log") == Axis(low=1e-4, high=0.1, log=True)
         *     True
         *     >>> Axis.model_validate("1..9:2").step
         *     2.0
         *     >>> Axis(low=1e-4, high=0.1, log=True).words()
         *     '0.0001 to 0.1, logarithmic'
         */
        Axis: {
            /**
             * Low
             * @description smallest value
             */
            low?: number | null;
            /**
             * High
             * @description largest value
             */
            high?: number | null;
            /**
             * Log
             * @description whether the logarithm is spread evenly
             * @default false
             */
            log: boolean;
            /**
             * Step
             * @description distance of neighboring values; empty: any value
             */
            step?: number | null;
            /**
             * Choices
             * @description values to choose from, instead of a range
             * @default []
             */
            choices: unknown[];
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
             * @description last step of each interval
             */
            steps: number[];
            /**
             * X
             * @description x values for `align`: epochs, Unix seconds, or seconds of training
             * @default []
             */
            x: number[];
            /** Mean */
            mean: number[];
            /** Deviation */
            deviation: number[];
            /**
             * Low
             * @description minimum of all values in the interval
             * @default []
             */
            low: number[];
            /**
             * High
             * @description maximum of all values in the interval
             * @default []
             */
            high: number[];
            /**
             * Runs
             * @description number of runs that have a value there
             */
            runs: number[];
        };
        /**
         * BulkAction
         * @description A bulk action.
         */
        BulkAction: {
            /** Runs */
            runs: string[];
            /**
             * Act
             * @enum {string}
             */
            act: "stop" | "delete" | "tag";
            /**
             * Add
             * @description tags to add, for the action `tag`
             * @default []
             */
            add: string[];
            /**
             * Remove
             * @description tags to remove, for the action `tag`
             * @default []
             */
            remove: string[];
        };
        /**
         * Bunch
         * @description A group of runs with one value in common: the next `count` runs of the index.
         */
        Bunch: {
            /**
             * Value
             * @description the common value; null: the runs have none
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
             * Repeats
             * @description number of runs that repeat another one's settings and seed; not in the mean
             * @default 0
             */
            repeats: number;
            /**
             * Scored
             * @description number of runs with a best validation accuracy
             * @default 0
             */
            scored: number;
            /**
             * Mean
             * @description mean of the best validation accuracies
             */
            mean?: number | null;
            /**
             * Deviation
             * @description their sample standard deviation
             */
            deviation?: number | null;
        };
        /**
         * Candidate
         * @description A change that may help: another strategy, other settings, or both.
         *
         *     As in a run's specification, a setting may be given at the top level; a strategy alone may be its name.
         *
         *     >>> Candidate.model_validate({"strategy": "ogm-ge", "alpha": 0.8}) == Candidate(
         *     ...     strategy="ogm-ge", settings={"alpha": 0.8}
         *     ... )
         *     True
         *     >>> Candidate.model_validate("opm").strategy
         *     'opm'
         */
        Candidate: {
            /**
             * Name
             * @description shown in the ranking; made of it where empty
             * @default
             */
            name: string;
            /**
             * Strategy
             * @description empty: that of the run
             * @default
             */
            strategy: string;
            /**
             * Settings
             * @description changed settings by name
             * @default {}
             */
            settings: {
                [key: string]: unknown;
            };
        };
        /**
         * CatalogAnswer
         * @description Answer of GET /catalog: what can be launched, and the states a run can be in.
         */
        CatalogAnswer: {
            /** Version */
            version: string;
            /** Plugins */
            plugins: components["schemas"]["Plugin"][];
            /**
             * @default {
             *       "every": [
             *         "queued",
             *         "starting",
             *         "running",
             *         "pausing",
             *         "paused",
             *         "stopping",
             *         "stopped",
             *         "completed",
             *         "failed",
             *         "lost",
             *         "silent"
             *       ],
             *       "ended": [
             *         "stopped",
             *         "completed",
             *         "failed",
             *         "lost"
             *       ],
             *       "growing": [
             *         "starting",
             *         "running",
             *         "pausing",
             *         "stopping",
             *         "silent"
             *       ],
             *       "stoppable": [
             *         "queued",
             *         "starting",
             *         "running",
             *         "pausing",
             *         "paused",
             *         "silent"
             *       ],
             *       "deletable": [
             *         "paused",
             *         "stopped",
             *         "completed",
             *         "failed",
             *         "lost",
             *         "silent"
             *       ]
             *     }
             */
            states: components["schemas"]["StateSets"];
        };
        /**
         * Changes
         * @description Live settings by name, and who changes them. Settings may also be given at the top level.
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
             * @description name shown with the change
             * @default
             */
            who: string;
        };
        /**
         * Channel
         * @description A channel that is kept.
         */
        Channel: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Service
             * @description the service behind the address, such as `Slack`
             */
            service: string;
            /**
             * Address
             * @description the address with its secrets masked
             */
            address: string;
            /** Occasions */
            occasions: ("alert" | "completed" | "failed" | "lost" | "stopped")[];
            /** Enabled */
            enabled: boolean;
            /**
             * Created
             * @description Unix seconds
             */
            created: number;
            /**
             * Sent
             * @description Unix seconds of the last message that the service took
             */
            sent: number | null;
            /**
             * Problem
             * @description why the last message was not taken; it is sent again. Empty: it was
             */
            problem: string;
        };
        /**
         * ChannelEdit
         * @description Changes to a channel; what is left out stays as it is. What happens meanwhile is not sent later.
         */
        ChannelEdit: {
            /** Name */
            name?: string | null;
            /** Address */
            address?: string | null;
            /** Occasions */
            occasions?: ("alert" | "completed" | "failed" | "lost" | "stopped")[] | null;
            /** Enabled */
            enabled?: boolean | null;
        };
        /**
         * Check
         * @description Health of one part, with a sentence that describes it.
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
             * @description in force when it was written; only for kept checkpoints
             * @default
             */
            strategy: string;
            /**
             * Settings
             * @description in force when it was written; only for kept checkpoints
             * @default {}
             */
            settings: {
                [key: string]: unknown;
            };
        };
        /**
         * Command
         * @description One order, applied between two steps.
         *
         *     `settings` only with verb `set`. `step` with `keep`: whose checkpoint is to stay; with `pause`: how many
         *     steps shall be finished first. `resume` takes such a pause back. `who` is shown in the event.
         */
        Command: {
            /** Id */
            id: string;
            /**
             * Verb
             * @enum {string}
             */
            verb: "stop" | "pause" | "set" | "checkpoint" | "keep" | "resume";
            /**
             * Settings
             * @default {}
             */
            settings: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /** Step */
            step?: number | null;
            /**
             * Who
             * @default
             */
            who: string;
            /** Time */
            time: number;
        };
        /**
         * Commands
         * @description Orders that wait for a guest run, in order.
         */
        Commands: {
            /** Commands */
            commands: components["schemas"]["Numbered"][];
            /**
             * State
             * @description the run's present state
             */
            state: string;
        };
        /**
         * Contents
         * @description Contents of a data set where it is stored, as reported by the worker that opened it.
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
             * @description maximum number of training examples
             */
            train_size?: number | null;
            /**
             * Remarks
             * @description notes on the data, one sentence each
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
             * @description number of runs on each side that have a counterpart
             */
            pairs: number;
            /** Mean */
            mean?: number | null;
            /**
             * Low
             * @description 95 % interval; null for fewer than 3 pairs
             */
            low?: number | null;
            /** High */
            high?: number | null;
            /**
             * Method
             * @description of the interval: paired t, or BCa from 20 pairs on
             * @default
             */
            method: string;
            /**
             * P
             * @description of the method; for BCa that of the sign-flip test
             */
            p?: number | null;
            /**
             * P Sign Flip
             * @description of the exact sign-flip test
             */
            p_sign_flip?: number | null;
            /**
             * P Holm
             * @description p after Holm's correction for all rows
             */
            p_holm?: number | null;
            /**
             * Detectable
             * @description smallest difference that these pairs show with a power of 80 %
             */
            detectable?: number | null;
        };
        /**
         * Event
         * @description Something that happened at a step; non-finite numbers travel as "NaN", "Infinity", "-Infinity".
         *
         *     `data` by kind:
         *
         *     - started: worker, device, modalities, start_step, total_steps, epochs, steps_per_epoch,
         *       series (expanded declarations), parameters (count by modality), settings (all in force), facts
         *       (`rhoscope.facts.Facts`); of a guest also live (JSON Schema of each setting that can be changed)
         *     - values: values {series name: number}, the sparse series
         *     - table: name, epoch, rows, columns, values: `rhoscope.tables.Table`
         *     - samples: epoch, names, labels, together, alone: `rhoscope.samples.Samples`, one validation
         *     - example: name, parts: `rhoscope.samples.Example`, how one is shown; the store keeps bytes apart
         *     - epoch: epoch (the one that ended, from 0)
         *     - setting: setting, old, new, who, command; of the strategy also before and settings, all values
         *     - checkpoint: path, sha256, bytes, kept (names of all checkpoint files there are now)
         *     - finished: state (completed | failed | stopped | paused), reason
         *     - lost, state, log: reason | state | line
         *     - media: name, kind, digest, caption: `rhoscope.media.Item`, at its own step
         *     - console: lines, what a guest's program printed; the store keeps the newest
         *     - order: order (what was ordered, in words), who; written by the back end for users that it knows
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
            kind: "started" | "values" | "table" | "samples" | "example" | "epoch" | "setting" | "checkpoint" | "finished" | "lost" | "state" | "log" | "console" | "media" | "alert" | "order";
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
         * Evidence
         * @description A stretch of a curve on which a sentence rests.
         */
        Evidence: {
            /** Series */
            series: string;
            /**
             * Start
             * @description first step
             */
            start: number;
            /**
             * End
             * @description last step
             */
            end: number;
        };
        /**
         * ExampleAnswer
         * @description Answer of GET /runs/{id}/samples/example: one example over validations, and how it is shown.
         */
        ExampleAnswer: {
            /** Name */
            name: string;
            /** Label */
            label: string;
            /**
             * Holder
             * @description the run, or its ancestor, under which the digests of `parts` are found
             */
            holder: string;
            /** Parts */
            parts: components["schemas"]["Part"][];
            /** Steps */
            steps: number[];
            /** Together */
            together: (number | null)[];
            /**
             * Alone
             * @description a value per step; null where there is none
             */
            alone: {
                [key: string]: (number | null)[];
            };
        };
        /**
         * Facts
         * @description Facts of one attempt; empty where nobody said so.
         */
        Facts: {
            /**
             * Commit
             * @default
             */
            commit: string;
            /**
             * Branch
             * @default
             */
            branch: string;
            /**
             * Diff
             * @default
             */
            diff: string;
            /**
             * Command
             * @default []
             */
            command: string[];
            /**
             * Directory
             * @default
             */
            directory: string;
            /**
             * Python
             * @default
             */
            python: string;
            /**
             * Packages
             * @default {}
             */
            packages: {
                [key: string]: string;
            };
            /**
             * Host
             * @default
             */
            host: string;
            /**
             * System
             * @default
             */
            system: string;
            /** Processors */
            processors?: number | null;
            /**
             * Devices
             * @default []
             */
            devices: string[];
            /**
             * Seeds
             * @default {}
             */
            seeds: {
                [key: string]: number;
            };
            /**
             * Environment
             * @default {}
             */
            environment: {
                [key: string]: string;
            };
            /**
             * Order
             * @default
             */
            order: string;
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
             * @description name of the run
             */
            name: string;
            /** Attempt */
            attempt: number;
            /**
             * Series
             * @description empty for a stalled run
             */
            series: string;
            /** Step */
            step: number;
            /**
             * Value
             * @description of the series, or seconds without a step for a stalled run
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
         * @description Answer of POST /runs/check and POST /sweeps/check for a valid specification.
         */
        Forecast: {
            /**
             * Runs
             * @description number of runs that would be queued
             */
            runs: number;
            /**
             * Steps
             * @description largest number of optimizer steps of a run; empty if not known
             */
            steps: number | null;
            /**
             * Least Steps
             * @description smallest number of optimizer steps of a run; empty if not known
             */
            least_steps?: number | null;
            /**
             * Steps In All
             * @description number of steps of all runs together, of a search at most; empty if not known
             */
            steps_in_all: number | null;
            /**
             * Ahead
             * @description number of queued runs that start before the first of these
             */
            ahead: number;
            /**
             * Busy
             * @description number of runs that occupy a worker
             */
            busy: number;
            /**
             * Free
             * @description names of idle workers
             */
            free: string[];
            /**
             * Workers
             * @description number of running workers that are not draining
             */
            workers: number;
            /** @description what a worker found in a single run's data; empty: not needed */
            contents?: components["schemas"]["Contents"] | null;
        };
        /**
         * Fork
         * @description The changes of a fork: settings, the strategy, and the step to start from.
         */
        Fork: {
            /**
             * Step
             * @description start from the last checkpoint at or before this step; empty: from the newest
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
             * @description changed settings by name
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
         * Gallery
         * @description The newest items of a run, by step.
         */
        Gallery: {
            /** Items */
            items: components["schemas"]["Shown"][];
        };
        /**
         * Gap
         * @description Differences between two modalities at one validation, over the examples that have both.
         */
        Gap: {
            /** Step */
            step: number;
            /**
             * Low
             * @description 10th percentile of the first one's probability less the second's
             */
            low: number;
            /** Median */
            median: number;
            /**
             * High
             * @description 90th percentile
             */
            high: number;
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
             * Repeats
             * @description those of `runs` that repeat another one's specification and seed; not counted in means
             * @default []
             */
            repeats: string[];
            /**
             * Final
             * @description best validation accuracy and last sparse values of the runs that have them
             */
            final: {
                [key: string]: components["schemas"]["Spread"];
            };
            /**
             * Whole
             * @description means over all steps of the series in `whole`
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
             * @description of the final values from the baseline's, if one was given
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
             * Power
             * @description by accuracy, in a sentence: the differences from the baseline, or from the first group, that these runs can't show, and the seeds that one point takes
             * @default {}
             */
            power: {
                [key: string]: string;
            };
            /**
             * Declared
             * @description declarations of all series of the runs
             * @default []
             */
            declared: components["schemas"]["Series"][];
        };
        /**
         * Guest
         * @description Particulars of a guest run: its project, and its settings that can be changed while it runs.
         */
        Guest: {
            /**
             * Project
             * @default
             */
            project: string;
            /**
             * Live
             * @description JSON Schema of each live setting, by name
             * @default {}
             */
            live: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
            /**
             * Resumes
             * @description whether it can be started again from checkpoints of its own
             * @default false
             */
            resumes: boolean;
        };
        /**
         * GuestSpec
         * @description A guest run, as its program announces it; known under the `id` that the program chose.
         */
        GuestSpec: {
            /**
             * Project
             * @default
             */
            project: string;
            /**
             * Live
             * @description JSON Schema of each live setting, by name
             * @default {}
             */
            live: {
                [key: string]: {
                    [key: string]: unknown;
                };
            };
            /**
             * Resumes
             * @description whether it can be started again from checkpoints of its own
             * @default false
             */
            resumes: boolean;
            /**
             * Kind
             * @constant
             */
            kind: "guest";
            /**
             * Id
             * @description chosen by the program; once per run
             */
            id: string;
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
            /**
             * Strategy
             * @default watch
             */
            strategy: string;
            /**
             * Modalities
             * @default []
             */
            modalities: string[];
            /**
             * Config
             * @description the program's own settings, whatever they are
             * @default {}
             */
            config: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * Series
             * @default []
             */
            series: components["schemas"]["Series"][];
        };
        /**
         * Health
         * @description Healthy when every part but the workers is: without a worker, runs wait in the queue.
         */
        Health: {
            /** Ok */
            ok: boolean;
            /** Checks */
            checks: {
                [key: string]: components["schemas"]["Check"];
            };
            /**
             * Warnings
             * @description what a part met and nobody foresaw, and has set aside; all others go on
             * @default []
             */
            warnings: string[];
        };
        /**
         * History
         * @description A run with its newest events, oldest first, and all its series, thinned for drawing.
         */
        History: {
            run: components["schemas"]["Run"];
            /** Events */
            events: components["schemas"]["Event"][];
            /** Series */
            series: components["schemas"]["SeriesData"][];
        };
        /**
         * Importance
         * @description Answer of GET /sweeps/{id}/importance: the most important first.
         */
        Importance: {
            /** Method */
            method: string;
            /**
             * Trials
             * @description number of completed trials it is estimated from
             */
            trials: number;
            /** Settings */
            settings: components["schemas"]["SettingImportance"][];
            /**
             * Note
             * @description why nothing can be said, or what it rests on
             * @default
             */
            note: string;
        };
        /**
         * Index
         * @description Ids in order. With `by`, group by group; grouped by tag, a run is listed once for each of its tags.
         */
        Index: {
            /**
             * Total
             * @description number of matching runs, of which at most 20000 are listed
             */
            total: number;
            /**
             * States
             * @description number of runs in each state, ignoring the filter's states
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
         * Judgment
         * @description The answer of one diagnosis about a run.
         */
        Judgment: {
            /** Name */
            name: string;
            /** Title */
            title: string;
            /** Question */
            question: string;
            /**
             * Speaks
             * @description whether it was diagnosed
             */
            speaks: boolean;
            /**
             * Known
             * @description whether what was recorded suffices to answer; else the sentence says why
             * @default true
             */
            known: boolean;
            /** Sentence */
            sentence: string;
            /**
             * Evidence
             * @default []
             */
            evidence: components["schemas"]["Evidence"][];
            /**
             * Remedy
             * @description what to do, in words; empty where nothing needs to be done
             * @default
             */
            remedy: string;
            /**
             * Changes
             * @description the remedy as settings and plug-in fields of another run, where it is one
             * @default {}
             */
            changes: {
                [key: string]: unknown;
            };
            /**
             * Rule
             * @description how it is decided
             */
            rule: string;
            /**
             * Threshold
             * @description the limits of the rule, and where they come from
             */
            threshold: string;
        };
        /**
         * Log
         * @description The last lines of the process, or of what a guest printed, and of its `log` events, oldest first.
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
             * @description whether the process's log file is on the API's machine, or a guest has printed something
             */
            there: boolean;
        };
        /**
         * Login
         * @description Either a name and a password, or the shared token of the instrument.
         */
        Login: {
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * Password
             * @default
             */
            password: string;
            /**
             * Token
             * @default
             */
            token: string;
        };
        /**
         * MadeToken
         * @description A new token with its secret, which is shown only this once.
         */
        MadeToken: {
            /** Id */
            id: string;
            /** User */
            user: string;
            /** Name */
            name: string;
            /**
             * Created
             * @description Unix seconds
             */
            created: number;
            /**
             * Seen
             * @description Unix seconds of its last use, to the hour; null: never
             */
            seen: number | null;
            /** Token */
            token: string;
        };
        /**
         * NewChannel
         * @description A channel to be added. Its address often holds a password: no answer shows it whole.
         */
        NewChannel: {
            /** Name */
            name: string;
            /**
             * Address
             * @description address of a service as Apprise reads it, such as `slack://TOKENS`, `mailtos://USER:PASSWORD@HOST?to=ADDRESS`, or `jsons://HOST/PATH` for a webhook
             */
            address: string;
            /**
             * Occasions
             * @description what messages are about
             * @default [
             *       "alert",
             *       "failed",
             *       "lost"
             *     ]
             */
            occasions: ("alert" | "completed" | "failed" | "lost" | "stopped")[];
        };
        /**
         * NewToken
         * @description A token to be made.
         */
        NewToken: {
            /**
             * Name
             * @description what it is for
             */
            name: string;
            /**
             * User
             * @description whose it is; empty: one's own; others: admins
             * @default
             */
            user: string;
        };
        /**
         * NewUser
         * @description A user to be added.
         */
        NewUser: {
            /**
             * Name
             * @description lower-case letters, digits, and . _ @ -
             */
            name: string;
            /** Password */
            password: string;
            /** @description null: admin for the first user, operator for others */
            role?: components["schemas"]["Role"] | null;
        };
        /**
         * NewView
         * @description A view to be saved.
         */
        NewView: {
            /** Name */
            name: string;
            /**
             * Address
             * @description path and parameters of a page, such as `/compare?runs=A,B&by=alpha&align=epoch`; without the server's name, and without the path of a proxy before it
             */
            address: string;
        };
        /**
         * Numbered
         * @description An order, with the number under which it is acknowledged: as `cursor` in an event's data.
         */
        Numbered: {
            /** Number */
            number: number;
            command: components["schemas"]["Command"];
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
             * @description its name among the run's checkpoints
             */
            checkpoint: string;
        };
        /**
         * Outcome
         * @description The runs on which a bulk action succeeded, and those on which it failed.
         */
        Outcome: {
            /** Done */
            done: string[];
            /** Refused */
            refused: components["schemas"]["Refusal"][];
        };
        /**
         * Part
         * @description One modality of an example, as a reader sees or hears it: media, or a text, or curves.
         *
         *     `content` are the bytes in base64, on their way to the store; there they are kept under their `digest`.
         */
        Part: {
            /** Modality */
            modality: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "image" | "sound" | "text" | "curves";
            /**
             * Text
             * @default
             */
            text: string;
            /**
             * Curves
             * @default []
             */
            curves: number[][];
            /**
             * Digest
             * @description SHA-256 of a picture or sound
             * @default
             */
            digest: string;
            /**
             * Content
             * @default
             */
            content: string;
        };
        /**
         * PasswordChange
         * @description A user's own new password.
         */
        PasswordChange: {
            /** Old */
            old: string;
            /** New */
            new: string;
        };
        /**
         * Place
         * @description A candidate in the ranking.
         */
        Place: {
            /** Name */
            name: string;
            /** Runs */
            runs: string[];
            /**
             * Rung
             * @description last step at which all its runs were compared; null: none yet
             */
            rung: number | null;
            /**
             * Accuracy
             * @description mean validation accuracy there
             */
            accuracy: number | null;
            /** @description of validation accuracy from the control's, seed by seed, at a rung; null for the control */
            advantage: components["schemas"]["Difference"] | null;
            /**
             * Minutes
             * @description of training, all its runs together
             */
            minutes: number;
            /**
             * Goes On
             * @description whether it is still in the race, or has won it
             */
            goes_on: boolean;
            /**
             * Waiting
             * @description those of its runs that are paused
             * @default []
             */
            waiting: string[];
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
            kind: "training" | "dataset" | "encoder" | "fusion" | "strategy" | "program";
            /** Name */
            name: string;
            /** Title */
            title: string;
            /** Help */
            help: string;
            /**
             * Paper
             * @description publication and equation it implements
             * @default
             */
            paper: string;
            /**
             * Fidelity
             * @description how it compares with its authors' program, and by which check
             * @default
             */
            fidelity: string;
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
             * @description of a data set: modalities {name: {shape, encoder}} that it can have, varies (whether they depend on settings or files), classes, train_size (a number, or the name of the setting that gives it), incomplete (whether examples may lack a modality, or the name of the setting that says so)
             * @default {}
             */
            facts: {
                [key: string]: unknown;
            };
            /**
             * Provides
             * @description capabilities that other plug-ins may require, such as 'additive'
             * @default []
             */
            provides: string[];
            /**
             * Requires
             * @description capabilities that the other plug-ins of a run must provide
             * @default []
             */
            requires: string[];
            /**
             * Error
             * @description why it is listed but can't be used
             * @default
             */
            error: string;
        };
        /**
         * Position
         * @description The last record of a guest run that the server has: 0-0 when it has none.
         */
        Position: {
            /** Attempt */
            attempt: number;
            /** Sequence */
            sequence: number;
        };
        /**
         * Queue
         * @description Queued runs in the order in which they start: by priority, then by age.
         */
        Queue: {
            /** Runs */
            runs: components["schemas"]["Run"][];
            /**
             * Total
             * @description number of runs in the whole queue
             */
            total: number;
            /**
             * Highest
             * @description highest priority in the queue; null when empty
             */
            highest?: number | null;
            /**
             * Lowest
             * @description lowest priority in the queue; null when empty
             */
            lowest?: number | null;
        };
        /**
         * Race
         * @description The facts that make a sweep a race: its candidates stop at each rung, and the better half goes on.
         */
        Race: {
            /**
             * Run
             * @description the run that it is to help
             */
            run: string;
            /**
             * Names
             * @description of the candidates; the first one is the control
             */
            names: string[];
            /**
             * Rungs
             * @description steps at which the candidates are compared
             */
            rungs: number[];
            /**
             * Runs
             * @description ids of each candidate's runs, seed by seed
             * @default []
             */
            runs: string[][];
        };
        /**
         * Ranking
         * @description Answer of GET /sweeps/{id}/ranking: the best first. Candidates of a later rung come first.
         */
        Ranking: {
            /** Run */
            run: string;
            /** Control */
            control: string;
            /** Over */
            over: boolean;
            /** Rungs */
            rungs: number[];
            /** Places */
            places: components["schemas"]["Place"][];
            /** Minutes */
            minutes: number;
            /**
             * Winner
             * @description name of the best candidate, once the race is over
             * @default
             */
            winner: string;
        };
        /**
         * Refusal
         * @description A run on which the action failed, and why.
         */
        Refusal: {
            /** Run */
            run: string;
            /**
             * Status
             * @description HTTP status that a request for this run alone would have
             */
            status: number;
            /** Detail */
            detail: string;
        };
        /**
         * Rehearsal
         * @description A rule held against the newest runs: those in which it would have fired.
         */
        Rehearsal: {
            /**
             * Runs
             * @description number of newest runs that the rule is for and that recorded its series
             */
            runs: number;
            /**
             * Fired
             * @description ids of those in which it would have fired, newest first
             */
            fired: string[];
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
             * @description the run it was forked from, unless deleted
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
         * @description How far to continue a paused run.
         */
        Resumption: {
            /**
             * Steps
             * @description number of steps after which it pauses again; empty: continue to the end
             */
            steps?: number | null;
        };
        /**
         * Role
         * @description The rights of a user: each role includes the ones before it.
         * @enum {string}
         */
        Role: "viewer" | "operator" | "admin";
        /**
         * Run
         * @description One run. Times are Unix seconds; `step` counts finished optimizer steps.
         */
        Run: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            spec: components["schemas"]["RunSpec"];
            /**
             * Settings
             * @description all current settings, including defaults
             */
            settings: {
                [key: string]: unknown;
            };
            state: components["schemas"]["RunState"];
            /**
             * Reason
             * @description why the run is in this state
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
             * @description estimated seconds left, from the pace of this attempt
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
             * @description runs with a higher priority start first
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
             * Course
             * @description of what was changed while it trained, all values in order: `steered: 0.8 → 0.3`
             * @default {}
             */
            course: {
                [key: string]: string;
            };
            /**
             * Trained S
             * @description seconds of training until the last pause or end, without waits
             * @default 0
             */
            trained_s: number;
            /**
             * Training Since
             * @description start of the present stretch of training; null while it does not train
             */
            training_since?: number | null;
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
             * @description declarations of the series, with modalities filled in
             * @default []
             */
            series: components["schemas"]["Series"][];
        };
        /**
         * RunEdit
         * @description Changes to a run, possible at any time.
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
             * @description runs with a higher priority start first
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
         * @description A run to train. Settings of the training loop and of every chosen plug-in share one flat namespace.
         *
         *     A setting may be given at the top level or inside `settings`:
         *
         *     >>> RunSpec.model_validate({"strategy": "ogm", "alpha": 0.8}).settings
         *     {'alpha': 0.8}
         */
        RunSpec: {
            /**
             * Name
             * @description shown in tables; generated from the settings if empty
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
             * Program
             * @description program of a user's project that is run instead of rhoscope's own training; data set, fusion, strategy, and encoders do not apply then
             * @default
             */
            program: string;
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
             * @description encoder by modality; the data set's default for other modalities
             * @default {}
             */
            encoders: {
                [key: string]: string;
            };
            /**
             * Settings
             * @description settings by name; defaults for all others
             * @default {}
             */
            settings: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /** @description the checkpoint a fork starts from; empty: start from the beginning */
            origin?: components["schemas"]["Origin"] | null;
            /** @description of a run whose program is not ours; such a run can't be launched from here */
            guest?: components["schemas"]["Guest"] | null;
            /**
             * Priority
             * @description runs with a higher priority start first
             * @default 0
             */
            priority: number;
            /**
             * Max Attempts
             * @description maximum number of attempts if the run's process or worker dies
             * @default 3
             */
            max_attempts: number;
        };
        /**
         * RunState
         * @enum {string}
         */
        RunState: "queued" | "starting" | "running" | "pausing" | "paused" | "stopping" | "stopped" | "completed" | "failed" | "lost" | "silent";
        /**
         * Samples
         * @description Data of a `samples` event: one validation, an entry of each list per example.
         */
        Samples: {
            /**
             * Epoch
             * @description epoch that was validated, from 0
             */
            epoch?: number | null;
            /**
             * Names
             * @description each example once
             */
            names: string[];
            /**
             * Labels
             * @description right class of each example
             */
            labels: string[];
            /**
             * Together
             * @description probability that the whole network gives
             */
            together: (number | null)[];
            /**
             * Alone
             * @description probability that each modality alone gives
             */
            alone: {
                [key: string]: (number | null)[];
            };
        };
        /**
         * SamplesAnswer
         * @description Answer of GET /runs/{id}/samples: one validation's examples, and the course of the differences.
         */
        SamplesAnswer: {
            /** Run */
            run: string;
            /**
             * Step
             * @description steps taken before this validation; null: there is none
             */
            step: number | null;
            /**
             * Steps
             * @description steps of the validations that can be asked for, ascending
             */
            steps: number[];
            /**
             * Total
             * @description number of validations before thinning
             */
            total: number;
            samples: components["schemas"]["Samples"] | null;
            /**
             * Between
             * @description the two modalities of `gaps`; empty where there is only one
             */
            between: string[];
            /** Gaps */
            gaps: components["schemas"]["Gap"][];
        };
        /**
         * Search
         * @description How a search chooses its trials, what it seeks, and when it ends.
         */
        Search: {
            /**
             * Sampler
             * @default tpe
             * @enum {string}
             */
            sampler: "tpe" | "cma-es" | "random" | "grid";
            /**
             * Space
             * @description range or choices of each setting or plug-in
             */
            space: {
                [key: string]: components["schemas"]["Axis"];
            };
            /**
             * Trials
             * @description number of trials; empty: 20, of a grid all points
             */
            trials?: number | null;
            /**
             * Budget Minutes
             * @description no trial begins after this many minutes of training, and those that train then are finished; empty: no limit
             */
            budget_minutes?: number | null;
            /**
             * Parallel
             * @description number of trials at the same time
             * @default 1
             */
            parallel: number;
            /**
             * Series
             * @description the objective
             * @default val.accuracy
             */
            series: string;
            /**
             * Direction
             * @description empty: maximize accuracies and minimize losses and errors
             * @default
             * @enum {string}
             */
            direction: "" | "maximize" | "minimize";
            /**
             * Measure
             * @description value of the series that counts: its best, or its last
             * @default best
             * @enum {string}
             */
            measure: "best" | "last";
            /**
             * Pruner
             * @default none
             * @enum {string}
             */
            pruner: "none" | "median" | "halving" | "hyperband";
            /**
             * Warmup
             * @description epochs before a trial is pruned
             * @default 2
             */
            warmup: number;
            /**
             * Seed
             * @description seed of the sampler
             * @default 0
             */
            seed: number;
        };
        /**
         * SearchState
         * @enum {string}
         */
        SearchState: "running" | "completed" | "stopped" | "failed";
        /**
         * SearchStatus
         * @description How far a search is.
         */
        SearchStatus: {
            state: components["schemas"]["SearchState"];
            /**
             * Reason
             * @default
             */
            reason: string;
            /**
             * Planned
             * @description number of trials when it is over, unless the budget ends first
             */
            planned: number;
            /** Launched */
            launched: number;
            /** Ended */
            ended: number;
            /** @description the completed trial with the best value */
            best?: components["schemas"]["SearchTrial"] | null;
        };
        /**
         * SearchTrial
         * @description One point of the space that was tried, with a run for each seed.
         */
        SearchTrial: {
            /**
             * Number
             * @description from 0
             */
            number: number;
            /**
             * Values
             * @description values of the searched settings
             */
            values: {
                [key: string]: unknown;
            };
            /**
             * Runs
             * @description ids, in the order of the seeds
             * @default []
             */
            runs: string[];
            /** @default running */
            state: components["schemas"]["TrialState"];
            /**
             * Value
             * @description of the objective, the mean over the runs
             */
            value?: number | null;
            /**
             * Reason
             * @description why it is in this state
             * @default
             */
            reason: string;
            /** Created */
            created: number;
            /** Ended */
            ended?: number | null;
        };
        /**
         * Sent
         * @description An order that was noted and will be carried out; its event carries the same id.
         */
        Sent: {
            /**
             * Command
             * @description id of the command
             */
            command: string;
        };
        /**
         * Series
         * @description A named column. `{m}` in the name is replaced by each modality: `rho.{m}` becomes `rho.audio`, ...
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
             * @description label that distinguishes it in its chart's legend
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
             * Every
             * @description the setting that says how many steps lie between two values, or a comma-separated list of them: a value comes where all are due; none: each step has one
             * @default
             */
            every: string;
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
             * @description number of values in the requested range before thinning
             */
            total: number;
        };
        /**
         * Session
         * @description The one who asks, and the ways to log in.
         */
        Session: {
            /**
             * Name
             * @description the user's name; empty for nobody in particular
             */
            name: string;
            /** @description null: nobody we know, who has to log in */
            role: components["schemas"]["Role"] | null;
            /**
             * Required
             * @description whether one has to log in
             */
            required: boolean;
            /**
             * Ways
             * @description what one can log in with: password, token
             */
            ways: string[];
        };
        /**
         * SettingImportance
         * @description The share of the objective's variance over the space that one setting explains.
         */
        SettingImportance: {
            /** Name */
            name: string;
            /**
             * Share
             * @description from 0 to 1
             */
            share: number;
            /**
             * Low
             * @description lower end of its 90 % interval, over bootstrap samples of the trials
             */
            low: number;
            /** High */
            high: number;
        };
        /**
         * Shown
         * @description An item, and where in its run it belongs.
         */
        Shown: {
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "image" | "sound" | "text" | "table";
            /** Digest */
            digest: string;
            /**
             * Caption
             * @default
             */
            caption: string;
            /** Step */
            step: number;
            /** Attempt */
            attempt: number;
        };
        /**
         * Spark
         * @description The sparklines of one run.
         */
        Spark: {
            /** Run */
            run: string;
            /**
             * Step
             * @description number of finished steps, which the curves cover
             */
            step: number;
            /** Total */
            total?: number | null;
            /** Series */
            series: components["schemas"]["SparkSeries"][];
        };
        /**
         * SparkSeries
         * @description A series in a few intervals of steps: their first steps, minimums and maximums.
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
         * StateSets
         * @description The states of a run, and which of them mean what, for clients that are not written in Python.
         */
        StateSets: {
            /**
             * Every
             * @description all states
             * @default [
             *       "queued",
             *       "starting",
             *       "running",
             *       "pausing",
             *       "paused",
             *       "stopping",
             *       "stopped",
             *       "completed",
             *       "failed",
             *       "lost",
             *       "silent"
             *     ]
             */
            every: components["schemas"]["RunState"][];
            /**
             * Ended
             * @description the run has ended for good
             * @default [
             *       "stopped",
             *       "completed",
             *       "failed",
             *       "lost"
             *     ]
             */
            ended: components["schemas"]["RunState"][];
            /**
             * Growing
             * @description a worker, or a guest's program, may add to its curves
             * @default [
             *       "starting",
             *       "running",
             *       "pausing",
             *       "stopping",
             *       "silent"
             *     ]
             */
            growing: components["schemas"]["RunState"][];
            /**
             * Stoppable
             * @description the run can be stopped
             * @default [
             *       "queued",
             *       "starting",
             *       "running",
             *       "pausing",
             *       "paused",
             *       "silent"
             *     ]
             */
            stoppable: components["schemas"]["RunState"][];
            /**
             * Deletable
             * @description the run can be deleted
             * @default [
             *       "paused",
             *       "stopped",
             *       "completed",
             *       "failed",
             *       "lost",
             *       "silent"
             *     ]
             */
            deletable: components["schemas"]["RunState"][];
        };
        /**
         * Suggestion
         * @description Answer of GET /runs/{id}/remedies: what is tried where nothing else is said, and what that costs.
         */
        Suggestion: {
            /**
             * Candidates
             * @description beside the control, which is joint training; empty: those that the verdict suggests
             * @default []
             */
            candidates: components["schemas"]["Candidate"][];
            /**
             * Step
             * @description start from the last checkpoint at or before this step; empty: from the beginning
             */
            step?: number | null;
            /**
             * Horizon
             * @description epochs that the last ones are trained for; empty: a quarter of the run's, or fewer, so that all trainings together have at most three times its steps
             */
            horizon?: number | null;
            /**
             * Seeds
             * @description seeds of each candidate, the same data order for all; empty: the run's and the next two
             * @default []
             */
            seeds: number[];
            /**
             * Control
             * @description name of what the candidates are compared with
             */
            control: string;
            /**
             * Rungs
             * @description epochs after which the better half goes on
             */
            rungs: number[];
            /**
             * Trainings
             * @description number of runs
             */
            trainings: number;
            /**
             * Tried
             * @description sweeps that tried remedies on this run, the newest first
             */
            tried: string[];
            /**
             * Minutes
             * @description estimated minutes of training on one worker; null while the run's pace is not known
             */
            minutes: number | null;
        };
        /**
         * Surface
         * @description Answer of GET /sweeps/{id}/contour: the objective over two settings, between the completed trials.
         */
        Surface: {
            /** X */
            x: string;
            /** Y */
            y: string;
            /**
             * Columns
             * @description from 0 to 1 along x, as the axes of the charts are
             */
            columns: number[];
            /** Rows */
            rows: number[];
            /**
             * Values
             * @description [rows][columns]; null outside of the trials' hull
             */
            values: (number | null)[][];
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
            /** @description of a sweep that searches */
            search?: components["schemas"]["SearchStatus"] | null;
        };
        /**
         * SweepEdit
         * @description Changes to a sweep, possible at any time.
         */
        SweepEdit: {
            /** Name */
            name?: string | null;
            /**
             * Median After
             * @description epochs before the median rule applies; null: the rule is off
             */
            median_after?: number | null;
            /**
             * Trials
             * @description number of trials of a search
             * @default 1
             */
            trials: number;
            /**
             * Parallel
             * @description trials of a search at the same time
             * @default 1
             */
            parallel: number;
            /**
             * Budget Minutes
             * @description minutes of training, after which a search begins no trial; null: no limit
             */
            budget_minutes?: number | null;
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
             *       "program": "",
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
             * @description stop a run after this many epochs if its best validation accuracy is below the median of the other runs' means up to the same step, once three got there; empty: stop none
             */
            median_after?: number | null;
            /** @description choose the runs one after the other instead of a grid; `seeds` are those of each trial */
            search?: components["schemas"]["Search"] | null;
            /** @description of a sweep that POST /runs/{id}/remedies made; not to be given */
            race?: components["schemas"]["Race"] | null;
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
             * @description number of finished steps at each report, ascending
             */
            steps: number[];
            /**
             * Epochs
             * @description epoch that each report describes
             */
            epochs: number[];
            /**
             * Values
             * @description [times][rows][columns]; null: no such cell
             */
            values: (number | null)[][][];
            /**
             * Total
             * @description number of reports before thinning
             */
            total: number;
        };
        /**
         * Trial
         * @description Which candidates to try on a run, from where, for how long, and with which seeds.
         */
        Trial: {
            /**
             * Candidates
             * @description beside the control, which is joint training; empty: those that the verdict suggests
             * @default []
             */
            candidates: components["schemas"]["Candidate"][];
            /**
             * Step
             * @description start from the last checkpoint at or before this step; empty: from the beginning
             */
            step?: number | null;
            /**
             * Horizon
             * @description epochs that the last ones are trained for; empty: a quarter of the run's, or fewer, so that all trainings together have at most three times its steps
             */
            horizon?: number | null;
            /**
             * Seeds
             * @description seeds of each candidate, the same data order for all; empty: the run's and the next two
             * @default []
             */
            seeds: number[];
        };
        /**
         * TrialState
         * @enum {string}
         */
        TrialState: "running" | "completed" | "pruned" | "failed";
        /**
         * Trials
         * @description Answer of GET /sweeps/{id}/trials.
         */
        Trials: {
            search: components["schemas"]["Search"];
            status: components["schemas"]["SearchStatus"];
            /** Maximizes */
            maximizes: boolean;
            /** Trials */
            trials: components["schemas"]["SearchTrial"][];
        };
        /**
         * User
         * @description A person. A viewer reads; an operator also launches and steers; an admin also manages users.
         */
        User: {
            /** Name */
            name: string;
            role: components["schemas"]["Role"];
            /**
             * Created
             * @description Unix seconds
             */
            created: number;
        };
        /**
         * UserEdit
         * @description Changes to a user; a new password ends the user's sessions.
         */
        UserEdit: {
            role?: components["schemas"]["Role"] | null;
            /** Password */
            password?: string | null;
        };
        /**
         * View
         * @description A view that is kept.
         */
        View: {
            /** Id */
            id: string;
            /**
             * Name
             * @description of this view alone
             */
            name: string;
            /** Address */
            address: string;
            /**
             * Author
             * @description name of who saved it; empty where nobody has to log in
             */
            author: string;
            /**
             * Created
             * @description Unix seconds
             */
            created: number;
        };
        /**
         * ViewEdit
         * @description Changes to a view; what is left out stays as it is.
         */
        ViewEdit: {
            /** Name */
            name?: string | null;
            /** Address */
            address?: string | null;
        };
        /**
         * WorkerEdit
         * @description Changes to a worker.
         */
        WorkerEdit: {
            /**
             * Draining
             * @description true: finish the current run and start no other
             */
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
             * @description digest of its catalog
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
             * @description finishes its current run and starts no other
             * @default false
             */
            draining: boolean;
            /**
             * Program
             * @description the program that it runs; empty: our training
             * @default
             */
            program: string;
            /**
             * Inspects
             * @description can inspect data on its host
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
export type Alert = components['schemas']['Alert'];
export type AlertEdit = components['schemas']['AlertEdit'];
export type AlertRule = components['schemas']['AlertRule'];
export type ApiToken = components['schemas']['ApiToken'];
export type Axis = components['schemas']['Axis'];
export type Band = components['schemas']['Band'];
export type BulkAction = components['schemas']['BulkAction'];
export type Bunch = components['schemas']['Bunch'];
export type Candidate = components['schemas']['Candidate'];
export type CatalogAnswer = components['schemas']['CatalogAnswer'];
export type Changes = components['schemas']['Changes'];
export type Channel = components['schemas']['Channel'];
export type ChannelEdit = components['schemas']['ChannelEdit'];
export type Check = components['schemas']['Check'];
export type Checkpoint = components['schemas']['Checkpoint'];
export type Command = components['schemas']['Command'];
export type Commands = components['schemas']['Commands'];
export type Contents = components['schemas']['Contents'];
export type Difference = components['schemas']['Difference'];
export type Event = components['schemas']['Event'];
export type Evidence = components['schemas']['Evidence'];
export type ExampleAnswer = components['schemas']['ExampleAnswer'];
export type Facts = components['schemas']['Facts'];
export type Fired = components['schemas']['Fired'];
export type Forecast = components['schemas']['Forecast'];
export type Fork = components['schemas']['Fork'];
export type Gallery = components['schemas']['Gallery'];
export type Gap = components['schemas']['Gap'];
export type Group = components['schemas']['Group'];
export type Groups = components['schemas']['Groups'];
export type Guest = components['schemas']['Guest'];
export type GuestSpec = components['schemas']['GuestSpec'];
export type Health = components['schemas']['Health'];
export type History = components['schemas']['History'];
export type Importance = components['schemas']['Importance'];
export type Index = components['schemas']['Index'];
export type JsonValue = components['schemas']['JsonValue'];
export type Judgment = components['schemas']['Judgment'];
export type Log = components['schemas']['Log'];
export type Login = components['schemas']['Login'];
export type MadeToken = components['schemas']['MadeToken'];
export type NewChannel = components['schemas']['NewChannel'];
export type NewToken = components['schemas']['NewToken'];
export type NewUser = components['schemas']['NewUser'];
export type NewView = components['schemas']['NewView'];
export type Numbered = components['schemas']['Numbered'];
export type Origin = components['schemas']['Origin'];
export type Outcome = components['schemas']['Outcome'];
export type Part = components['schemas']['Part'];
export type PasswordChange = components['schemas']['PasswordChange'];
export type Place = components['schemas']['Place'];
export type Plugin = components['schemas']['Plugin'];
export type Position = components['schemas']['Position'];
export type Queue = components['schemas']['Queue'];
export type Race = components['schemas']['Race'];
export type Ranking = components['schemas']['Ranking'];
export type Refusal = components['schemas']['Refusal'];
export type Rehearsal = components['schemas']['Rehearsal'];
export type Relative = components['schemas']['Relative'];
export type Resumption = components['schemas']['Resumption'];
export type Role = components['schemas']['Role'];
export type Run = components['schemas']['Run'];
export type RunEdit = components['schemas']['RunEdit'];
export type RunPage = components['schemas']['RunPage'];
export type RunSpec = components['schemas']['RunSpec'];
export type RunState = components['schemas']['RunState'];
export type Samples = components['schemas']['Samples'];
export type SamplesAnswer = components['schemas']['SamplesAnswer'];
export type Search = components['schemas']['Search'];
export type SearchState = components['schemas']['SearchState'];
export type SearchStatus = components['schemas']['SearchStatus'];
export type SearchTrial = components['schemas']['SearchTrial'];
export type Sent = components['schemas']['Sent'];
export type Series = components['schemas']['Series'];
export type SeriesAnswer = components['schemas']['SeriesAnswer'];
export type SeriesData = components['schemas']['SeriesData'];
export type Session = components['schemas']['Session'];
export type SettingImportance = components['schemas']['SettingImportance'];
export type Shown = components['schemas']['Shown'];
export type Spark = components['schemas']['Spark'];
export type SparkSeries = components['schemas']['SparkSeries'];
export type Spread = components['schemas']['Spread'];
export type StateSets = components['schemas']['StateSets'];
export type Suggestion = components['schemas']['Suggestion'];
export type Surface = components['schemas']['Surface'];
export type Sweep = components['schemas']['Sweep'];
export type SweepEdit = components['schemas']['SweepEdit'];
export type SweepSpec = components['schemas']['SweepSpec'];
export type TablesAnswer = components['schemas']['TablesAnswer'];
export type Trial = components['schemas']['Trial'];
export type TrialState = components['schemas']['TrialState'];
export type Trials = components['schemas']['Trials'];
export type User = components['schemas']['User'];
export type UserEdit = components['schemas']['UserEdit'];
export type View = components['schemas']['View'];
export type ViewEdit = components['schemas']['ViewEdit'];
export type WorkerEdit = components['schemas']['WorkerEdit'];
export type WorkerStatus = components['schemas']['WorkerStatus'];
export type FieldError = components['schemas']['FieldError'];
export type Problem = components['schemas']['Problem'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
