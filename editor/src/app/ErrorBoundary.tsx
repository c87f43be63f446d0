/** Shows what broke instead of an empty page; the work itself is kept as a draft. */

import { Component, type ReactNode } from 'react';
import { translated } from '../i18n';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | null;
}

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div className="broken" role="alert">
        <h2>{translated('app.broken')}</h2>
        <p>{translated('app.brokenHint')}</p>
        <pre>{error.message}</pre>
        <div>
          <button type="button" className="button" onClick={() => this.setState({ error: null })}>
            {translated('app.tryAgain')}
          </button>
          <button type="button" className="button primary" onClick={() => window.location.reload()}>
            {translated('app.reload')}
          </button>
        </div>
      </div>
    );
  }
}
