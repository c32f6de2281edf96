// Durations by one label, cheap to add to: prom-client hashes and checks labels with every observation; this adds to an
// array and makes a histogram of it only when the metrics are read.
import { Histogram, type Registry } from 'prom-client'
import { MAX_SERIES, OVERFLOW } from './tally.ts'

/** Upper bounds of the buckets; what is above goes into one without a bound. */
export const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600] as const

export interface DurationsSpec {
  readonly name: string
  readonly help: string
  readonly label: string
}

interface Series {
  /** By bucket, not cumulative; the last one has no bound. */
  readonly counts: number[]
  sum: number
}

export class Durations {
  readonly #series = new Map<string, Series>()

  constructor(spec: DurationsSpec, registry: Registry) {
    registry.registerMetric(new ReadDurations(spec, this.#series))
  }

  observe(label: string, seconds: number): void {
    const series = this.#series.get(label) ?? this.#newSeries(label)
    let bucket = 0
    while (bucket < SECONDS.length && seconds > (SECONDS[bucket] ?? 0)) bucket += 1
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
    series.sum += seconds
  }

  #newSeries(label: string): Series {
    const key = this.#series.size < MAX_SERIES ? label : OVERFLOW
    const series = this.#series.get(key) ?? { counts: Array.from({ length: SECONDS.length + 1 }, () => 0), sum: 0 }
    this.#series.set(key, series)
    return series
  }
}

/** The shape in which a registry reads a histogram. */
class ReadDurations extends Histogram {
  readonly #spec: DurationsSpec
  readonly #series: ReadonlyMap<string, Series>

  constructor(spec: DurationsSpec, series: ReadonlyMap<string, Series>) {
    super({ name: spec.name, help: spec.help, labelNames: [spec.label], buckets: [...SECONDS], registers: [] })
    this.#spec = spec
    this.#series = series
  }

  /** prom-client's registry asks for this one where it exists. */
  getForPromString(): ReturnType<Histogram['get']> {
    return this.get()
  }

  override async get(): ReturnType<Histogram['get']> {
    const { name, help } = this.#spec
    const values = [...this.#series].flatMap(([label, series]) => this.#valuesOf(label, series))
    return { name, help, type: 'histogram', aggregator: 'sum', collect: () => {}, values } as never
  }

  #valuesOf(value: string, { counts, sum }: Series) {
    const { name, label } = this.#spec
    const labels = { [label]: value }
    let total = 0
    const buckets = counts.map((count, index) => {
      total += count
      return { metricName: `${name}_bucket`, labels: { le: SECONDS[index] ?? '+Inf', ...labels }, value: total }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: total },
    ]
  }
}
