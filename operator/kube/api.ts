// The one door to the Kubernetes API for the rest of the operator: plain paths and raw JSON, because a typed
// serializer drops the fields it does not know. kube/client.ts implements it; tests and kube/files.ts do without.

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/apis/modelroute.dev/v1alpha1/modelroutes?limit=500`, query included. */
  readonly path: string
  readonly body?: unknown
  /** For PATCH: one of the API's patch types; else JSON. */
  readonly contentType?: string
  /** `application/json` unless told, for example the PartialObjectMetadata media types. */
  readonly accept?: string
  readonly signal?: AbortSignal
  /** Limit for the whole call; 15 s unless told. */
  readonly timeoutMs?: number
}

export interface ApiResponse {
  readonly status: number
  readonly body: unknown
}

export interface KubeApi {
  /** Resolves for every HTTP status; rejects with ApiUnreachable when no answer came. */
  request(request: ApiRequest): Promise<ApiResponse>
  /** Opens a streamed GET (a watch). The lines end when the server closes; rejects like request(). */
  openLines(request: ApiRequest): Promise<{ readonly status: number; readonly lines: AsyncIterable<string> }>
}

export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable'
}
