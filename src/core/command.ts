/** What the engine can be told to do. */
import type { Carried } from './carried.ts';
import type { CheckStage, RunEvent } from './event.ts';
import type { ExperimentKind } from './experiment-event.ts';
import type { TurnBudget } from './limit.ts';
import type { UndoPlan } from './undo-plan.ts';

export type Command =
  | { readonly type: 'prepareWorkspace' }
  | {
      readonly type: 'runCheck';
      readonly stage: CheckStage;
      readonly iteration: number;
      readonly checkId: string;
      readonly revision: string;
    }
  | {
      readonly type: 'takeTurn';
      readonly iteration: number;
      readonly prompt: string;
      readonly carried: Carried;
      readonly budget: TurnBudget;
    }
  | { readonly type: 'collectChange'; readonly iteration: number }
  | {
      readonly type: 'runExperiment';
      readonly kind: ExperimentKind;
      readonly iteration: number;
      /** Commit of the change. */
      readonly head: string;
    }
  | { readonly type: 'rehearseUndo'; readonly plan: UndoPlan }
  /** Facts that follow from the state alone: appended together, without any effect. */
  | { readonly type: 'record'; readonly events: readonly RunEvent[] }
  /** Nothing to do until a person decides or a quota is over; the leg ends and holds no process. */
  | { readonly type: 'wait' };
