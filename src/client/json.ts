/** JSON of this server, by the type that its OpenAPI document gives it: a test compares the two. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- whoever asks knows what the route answers
export async function jsonOf<Document>(answer: Pick<Response, 'text'>): Promise<Document> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server is what its document says
  return JSON.parse(await answer.text()) as Document;
}
