import { setTimeout as delay } from 'node:timers/promises'
import type { Admin } from './admin.ts'
import { collectionOf } from './paths.ts'
import { parentUid, readPresentation, targetOf } from './presentation.ts'
import type { Judged, Verdict } from './recorder.ts'
import { runCommand } from './run-command.ts'
import { commandText, isAsPromised } from './scenario.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'
import type { VectorFile } from './vector-file.ts'

/** A recording that shows something else than its scenario promises: what was recorded, and how often each action came. */
class UnexpectedRecording extends Error {
  readonly file: VectorFile

  constructor(message: string, file: VectorFile) {
    super(message)
    this.name = 'UnexpectedRecording'
    this.file = file
  }
}

/** Presentations of one action: the lines of the file they become. `closed` ones take no more. */
type Group = { readonly target: string; readonly run: number; readonly lines: number[]; closed: boolean }

/** What has come so far; `run` counts the commands that have ended. */
type Progress = {
  readonly bodies: string[]
  readonly arrived: string[]
  readonly live: Record<string, { readonly uid: string }>
  readonly groups: Group[]
  readonly presentations: Map<string, number>
  run: number
  interfered: boolean
}

type Playing = { readonly stage: Stage; readonly scenario: Scenario; readonly progress: Progress }

// Now and then the API server asks once more than promised, because its cache was a moment behind.
const tries = 5

/** Records one scenario, again when it shows something else than promised; `again` is told why. */
export async function recordScenario(
  stage: Stage,
  scenario: Scenario,
  again: (why: string) => void,
): Promise<VectorFile> {
  for (let left = tries - 1; left > 0; left -= 1) {
    try {
      return await runScenario(stage, scenario)
    } catch (problem) {
      if (!(problem instanceof UnexpectedRecording)) throw problem
      again(problem.message)
    }
  }
  return runScenario(stage, scenario)
}

/** Prepares, runs and records one scenario, and leaves the cluster as it was. */
async function runScenario(stage: Stage, scenario: Scenario): Promise<VectorFile> {
  const progress = {
    bodies: [],
    arrived: [],
    live: {},
    groups: [],
    presentations: new Map(),
    run: 0,
    interfered: false,
  }
  const playing: Playing = { stage, scenario, progress }
  try {
    const printed = await play(playing)
    const file = fileOf(playing)
    const sizes = file.meta.same.map((lines) => lines.length)
    if (isAsPromised(sizes, scenario.groups)) return file
    const seen = playing.progress.groups.map(({ target, lines }) => `${target} ${lines.join(',')}`).join('; ')
    const wanted = JSON.stringify(scenario.groups)
    throw new UnexpectedRecording(`${scenario.name}: promised ${wanted}, seen ${seen}; ${printed.join('')}`, file)
  } finally {
    stage.recorder.judgeBy(undefined)
    await stage.state.restored()
  }
}

function fileOf({ stage, scenario, progress }: Playing): VectorFile {
  const meta = {
    scenario: scenario.name,
    command: commandText(scenario.commands),
    kubernetes: stage.kubernetes,
    cluster: stage.clusterUid,
    same: progress.groups.map(({ lines }) => lines),
    live: progress.live,
    arrived: progress.arrived,
  }
  return { meta, reviews: progress.bodies }
}

async function play(playing: Playing): Promise<readonly string[]> {
  const { stage, scenario, progress } = playing
  await prepare(stage, scenario)
  stage.recorder.judgeBy((body) => present(playing, body))
  const printed: string[] = []
  const { meanwhile } = scenario
  for (const command of scenario.commands) {
    printed.push(await runCommand(stage.tools, command))
    progress.run += 1
    if (progress.run === 1 && meanwhile?.moment === 'BetweenCommands') await meanwhile.write(stage.admin)
  }
  return printed
}

async function prepare(
  { admin, tools, state }: Stage,
  { given = [], prepare: further, before = [] }: Scenario,
): Promise<void> {
  for (const object of given) await admin.must('POST', collectionOf(object), { body: object })
  await further?.(admin)
  for (const command of before) await runCommand(tools, command)
  await state.settled()
}

async function present(playing: Playing, body: Buffer): Promise<Judged> {
  const { stage, scenario, progress } = playing
  const presentation = readPresentation(body)
  progress.bodies.push(presentation.body)
  progress.arrived.push(new Date().toISOString())
  const line = progress.bodies.length
  const uid = await parentUid(stage.admin, presentation)
  if (uid !== undefined) progress.live[String(line)] = { uid }
  const verdict = verdictOf(playing, line, targetOf(presentation))
  const { meanwhile } = scenario
  if (meanwhile === undefined || meanwhile.moment === 'BetweenCommands' || progress.interfered) return { verdict }
  progress.interfered = true
  if (meanwhile.moment === 'BetweenSendings')
    return { verdict, afterwards: () => afterAWhile(stage.admin, meanwhile.write) }
  await meanwhile.write(stage.admin)
  return { verdict: meanwhile.moment === 'WhileHeldThenAllowed' ? 'Allow' : 'Refuse' }
}

// At once, the API server may see that its copy was stale and ask again by itself.
async function afterAWhile(admin: Admin, write: (admin: Admin) => Promise<void>): Promise<void> {
  await delay(300)
  await write(admin)
}

function verdictOf({ scenario, progress }: Playing, line: number, target: string): Verdict {
  const presentation = 1 + (progress.presentations.get(target) ?? 0)
  progress.presentations.set(target, presentation)
  const { action = 'Target' } = scenario
  const verdict = isRefused(scenario, progress.run, presentation) ? 'Refuse' : 'Allow'
  const group = groupFor(progress.groups, target, action === 'Command' ? progress.run : 0)
  group.lines.push(line)
  const isNextAfterThis = action === 'UntilAllowed' && verdict === 'Allow'
  group.closed = isNextAfterThis || action === 'Presentation'
  if (isNextAfterThis) progress.presentations.set(target, 0)
  return verdict
}

function groupFor(groups: Group[], target: string, run: number): Group {
  const known = groups.findLast((group) => group.target === target && group.run === run)
  if (known !== undefined && !known.closed) return known
  const made = { target, run, lines: [], closed: false }
  groups.push(made)
  return made
}

function isRefused({ refuse = 'EachActionOnce' }: Scenario, run: number, presentation: number): boolean {
  if (refuse === 'Everything') return true
  return refuse === 'FirstRun' ? run === 0 : presentation === 1
}
