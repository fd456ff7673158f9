import { asked, requestNamed } from './asking.ts'
import { expectCode, expectText } from './expect.ts'
import { deployment } from './objects.ts'
import type { Chat } from './playground/chat.ts'
import type { PersonKey } from './playground/people.ts'
import { applyServing } from './running.ts'
import type { Stage, Step } from './stage.ts'

/** What happens in Teams. The first two are done with mouse and keyboard, the others by the Playground's own API. */
export const teamsSteps: readonly Step[] = [
  { name: 'Teams: one click, and the agent’s delete is done', run: approve },
  { name: 'Teams: denied, with the reason', run: deny },
  { name: 'Teams: changes asked for', run: askForChanges },
  { name: 'Teams: an outsider and the owner change nothing', run: outsiders },
]

const inProd = ['-n', 'prod'] as const

async function approve(stage: Stage): Promise<string> {
  const page = await stage.page()
  await applyServing(stage.scene, 'shop')
  await why(stage, { reason: 'replaced by shop-v2', ticket: 'INC-4711' })
  const { request, ended } = await askedInTeams(stage, ['delete', 'deployment', 'shop', ...inProd, '--wait=false'])
  const { name } = request.metadata
  await page.shows(name, 'agents/bot wants to DELETE')
  await page.picture('1-asked')
  const began = performance.now()
  await page.press(name, 'Approve delete')
  const command = await ended
  const seconds = (performance.now() - began) / 1000
  expectCode(command, 0)
  expectText(command.stderr, 'approved by Alice')
  await page.shows(name, 'DONE')
  await page.picture('2-approved')
  return `deleted ${seconds.toFixed(1)} s after Alice’s click`
}

/** The agent runs a command: resolves when its card is in the channel, and Countersign knows that it is. */
async function askedInTeams({ scene }: Stage, command: readonly string[]): ReturnType<typeof asked> {
  const waiting = await asked(scene, command)
  const request = `apr/${waiting.request.metadata.name}`
  await scene.admin(['wait', '-n', 'countersign-system', request, '--for=condition=Notified', '--timeout=30s'])
  return waiting
}

/** The agent says why it will ask. It may write this about itself, and nothing else there. */
async function why({ scene }: Stage, { reason, ticket }: Readonly<Record<'reason' | 'ticket', string>>): Promise<void> {
  const itself = ['-n', 'countersign-system', 'agid/agents.bot']
  const said = [`countersign.dev/reason=${reason}`, `countersign.dev/ticket=${ticket}`]
  expectCode(await scene.agent(['annotate', ...itself, ...said, '--overwrite']), 0)
}

async function deny(stage: Stage): Promise<string> {
  const page = await stage.page()
  await applyServing(stage.scene, 'cart')
  await why(stage, { reason: 'saves money over night', ticket: 'OPS-12' })
  const { request, ended } = await askedInTeams(stage, ['delete', 'deployment', 'cart', ...inProd, '--wait=false'])
  const { name } = request.metadata
  await page.press(name, 'Deny', 'not before the canary is green')
  const command = await ended
  expectCode(command, 1)
  expectText(command.stderr, 'DENIED by Alice', 'not before the canary is green')
  await page.shows(name, 'DENIED by Alice')
  await page.picture('3-denied')
  return 'the agent reads who and why'
}

async function askForChanges(stage: Stage): Promise<string> {
  const chat = chatOf(stage)
  await stage.scene.apply(deployment('mail', { replicas: 2 }))
  const image = ['set', 'image', 'deployment/mail', 'main=registry.example/mail:latest', ...inProd]
  const { request, ended } = await askedInTeams(stage, image)
  const { name } = request.metadata
  await chat.click('bob', { request: name, verb: 'changes', comment: 'pin the version' })
  const command = await ended
  expectCode(command, 1)
  expectText(command.stderr, 'CHANGES REQUESTED by Bob', 'pin the version')
  return 'the agent is told what to change'
}

async function outsiders(stage: Stage): Promise<string> {
  const chat = chatOf(stage)
  await stage.scene.apply(deployment('feed', { replicas: 1 }))
  const { request, ended } = await askedInTeams(stage, ['delete', 'deployment', 'feed', ...inProd, '--wait=false'])
  const { name } = request.metadata
  const told: readonly (readonly [PersonKey, string])[] = [
    ['mallory', 'NotInGroup'],
    ['otto', 'OwnerMayNotVote'],
  ]
  for (const [who, refusal] of told) {
    const { text } = await chat.click(who, { request: name, verb: 'approve' })
    expectText(text, `Your answer does not count (${refusal})`)
  }
  const { status } = await requestNamed(stage.scene, name)
  if (status?.decision !== undefined) throw new Error(`it is ${status.decision}`)
  await chat.click('carol', { request: name, verb: 'approve' })
  expectCode(await ended, 0)
  return 'both are told why, and the card shows that they tried; Carol’s click counts'
}

function chatOf({ teams }: Stage): Chat {
  if (teams instanceof Error) throw teams
  return teams.chat
}
