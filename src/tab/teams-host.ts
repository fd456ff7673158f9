import { app, authentication } from '@microsoft/teams-js'
import type { Host } from './session.ts'

/** Teams, through its own library. */
export const teams: Host = {
  alone: () => window.parent === window.self && !('nativeInterface' in window),
  initialize: () => app.initialize(),
  context: async () => {
    const context = await app.getContext()
    return { theme: context.app.theme, page: context.page.subPageId }
  },
  token: () => authentication.getAuthToken(),
  onTheme: (told) => app.registerOnThemeChangeHandler(told),
  shown: () => void app.notifySuccess(),
}
