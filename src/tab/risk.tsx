import { Badge } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import type { TabRow } from '../app/tab-wire.ts'

const colours = { Critical: 'danger', High: 'severe', Medium: 'warning', Low: 'informative' } as const
const levels = { Critical: 4, High: 3, Medium: 2, Low: 1 } as const

/** The risk in a word and in bars; the colour says nothing that these do not. */
export function Risk({ risk }: Pick<TabRow, 'risk'>): ReactNode {
  return (
    <Badge color={colours[risk]} appearance="tint" size="large" className="risk">
      <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden="true" focusable="false">
        {[0, 1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={bar * 3.5}
            y={9 - bar * 3}
            width="2.5"
            height={3 + bar * 3}
            opacity={bar < levels[risk] ? 1 : 0.25}
          />
        ))}
      </svg>
      {risk}
    </Badge>
  )
}
