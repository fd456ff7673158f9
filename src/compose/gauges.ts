import type { Component } from './component.ts'

type Reading = ReturnType<Component['gauges']>

/** One reading of all parts. Of two watches of the same resource, the one that was heard longer ago is told. */
export function gaugesOf(parts: readonly Pick<Component, 'gauges'>[]): Reading {
  const all = parts.map((one) => one.gauges())
  return {
    ...Object.assign({}, ...all),
    silentSeconds: greatest(all.map(({ silentSeconds = {} }) => silentSeconds)),
    queueDepth: greatest(all.map(({ queueDepth = {} }) => queueDepth)),
  }
}

type Values = Readonly<Record<string, number>>

function greatest(all: readonly Values[]): Values {
  const values = new Map<string, number>()
  for (const [name, value] of all.flatMap((one) => Object.entries(one))) {
    values.set(name, Math.max(value, values.get(name) ?? value))
  }
  return Object.fromEntries(values)
}
