/** Sends files with word of how far they are, which `fetch` does not give. */

export interface Sent {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
}

export interface SendingOptions {
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1, as the bytes leave this machine. */
  readonly onProgress?: ((part: number) => void) | undefined;
  readonly milliseconds: number;
}

export type Send = (address: string, form: FormData, options: SendingOptions) => Promise<Sent>;

/** Rejects where there is no answer: given up, too late, or nobody to be reached. */
export const sendForm: Send = (address, form, { signal, onProgress, milliseconds }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const giveUp = (): void => request.abort();
    const failed = (): void => {
      signal?.removeEventListener('abort', giveUp);
      reject(new Error('there was no answer'));
    };
    request.open('POST', address);
    request.timeout = milliseconds;
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (lengthComputable && total > 0) onProgress?.(Math.min(1, loaded / total));
    };
    request.onerror = failed;
    request.ontimeout = failed;
    request.onabort = failed;
    request.onload = () => {
      signal?.removeEventListener('abort', giveUp);
      const { status, responseText } = request;
      resolve({ status, text: responseText, retryAfter: request.getResponseHeader('Retry-After') });
    };
    if (signal?.aborted) return failed();
    signal?.addEventListener('abort', giveUp);
    request.send(form);
  });
