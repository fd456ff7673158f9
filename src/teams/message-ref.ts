/** Where a card is: the conversation, without a thread in it, and the message. */
export type CardPlace = { readonly conversationID: string; readonly messageID: string }

/** The place in one text, as `status.messages` of a request holds it. */
export function messageRef({ conversationID, messageID }: CardPlace): string {
  return `${conversationID} ${messageID}`
}

/** As long as the fields are that hold it: `status.messages` of a request, and the evidence of a vote. */
export const longestRef = 512

/** Undefined for a text that {@link messageRef} does not make. */
export function readMessageRef(ref: string): CardPlace | undefined {
  const [conversationID = '', messageID = '', ...rest] = ref.split(' ')
  return conversationID === '' || messageID === '' || rest.length > 0 ? undefined : { conversationID, messageID }
}
