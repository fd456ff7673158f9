import { allSettings } from '../src/config-settings.ts'
import type { Setting } from '../src/config-settings.ts'

/** One row of the table in docs/configuration.md for each setting; a test compares them. */
export function settingRows(): readonly string[] {
  return allSettings().map(row)
}

function row({ path, env, allowed, defaultValue, description }: Setting): string {
  return `| ${[`\`${path.join('.')}\``, `\`${env}\``, allowed, shown(defaultValue), description].join(' | ')} |`
}

function shown(value: unknown): string {
  if (value === undefined || value === '') return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `\`${value.join(',')}\``
  return `\`${String(value)}\``
}
