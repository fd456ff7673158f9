import { Button, Field, MessageBar, MessageBarBody, Textarea } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import type { TabRequest } from '../app/tab-wire.ts'
import type { Verdict } from '../domain/kinds.ts'
import { commentLabel, titleOf } from './say.ts'
import { useAnswer } from './use-answer.ts'
import type { Answering, AnswerProps, Told } from './use-answer.ts'

/** The comment and the buttons, and what became of the last click. */
export function Answer(props: AnswerProps): ReactNode {
  const { request } = props
  const answering = useAnswer(props)
  const { told } = answering
  if (request.verdicts.length === 0 && request.barred === '' && told === undefined) return null
  return (
    <section className="answer" aria-label="Your answer">
      {request.barred !== '' && <p className="missing">{request.barred}</p>}
      {request.verdicts.some((verdict) => verdict !== 'Revoke') && <Comment request={request} answering={answering} />}
      <Buttons request={request} answering={answering} />
      <Words told={told} />
    </section>
  )
}

type Part = { readonly request: TabRequest; readonly answering: Answering }

function Comment({ request, answering: { comment, write, fault } }: Part): ReactNode {
  return (
    <Field
      label={commentLabel(request)}
      validationMessage={fault ?? null}
      validationState={fault === undefined ? 'none' : 'error'}
    >
      <Textarea value={comment} onChange={(_event, { value }) => write(value)} resize="vertical" rows={3} />
    </Field>
  )
}

const looks = {
  Approve: 'primary',
  Deny: 'outline',
  RequestChanges: 'secondary',
  Comment: 'subtle',
  Pause: 'subtle',
  Revoke: 'outline',
} as const

/** A denial is as large as an approval: it is never the harder one. */
function sizeOf(verdict: Verdict): 'large' | 'medium' {
  return verdict === 'Approve' || verdict === 'Deny' ? 'large' : 'medium'
}

function Buttons({ request, answering: { sending, send } }: Part): ReactNode {
  return (
    <div className="buttons">
      {request.verdicts.map((verdict) => (
        <Button
          key={verdict}
          appearance={looks[verdict]}
          size={sizeOf(verdict)}
          disabledFocusable={sending !== undefined}
          onClick={() => send(verdict)}
        >
          {sending === verdict ? 'Sending …' : titleOf(verdict, request)}
        </Button>
      ))}
    </div>
  )
}

function Words({ told }: { readonly told: Told | undefined }): ReactNode {
  return (
    <div aria-live="polite">
      {told !== undefined && (
        <MessageBar intent={told.intent} layout="multiline">
          <MessageBarBody>{told.words}</MessageBarBody>
        </MessageBar>
      )}
    </div>
  )
}
