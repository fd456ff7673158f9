/** The hosts in which Teams runs, in all clouds, and Microsoft 365's new one ("Tab prerequisites"; teams-js' own list). */
const frames = [
  'https://teams.microsoft.com',
  'https://*.teams.microsoft.com',
  'https://*.cloud.microsoft',
  'https://teams.microsoft.us',
  'https://*.teams.microsoft.us',
  'https://teams.microsoftonline.cn',
]

/**
 * The hash of nothing: the style sheets of Fluent UI are elements without text, which are filled by script. A text in
 * one, such as an injected one, has another hash.
 */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

/**
 * Content-Security-Policy for the files of the tab: nothing but our own script runs, nobody but Teams frames the page, and
 * it talks to nobody but us. The one exception is the list of hosts that teams-js fetches when it starts.
 */
export const tabContentSecurity = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${emptyStyle}`,
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' https://res.cdn.office.net",
  `frame-ancestors ${frames.join(' ')}`,
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
].join('; ')
