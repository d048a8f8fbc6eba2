/** Remembers the last marks of a partition, so that a repeated send is known by its records. */
export class Recent {
  private readonly marks = new Set<string>()

  constructor(private readonly size: number) {}

  has(mark: string): boolean {
    return this.marks.has(mark)
  }

  add(mark: string): void {
    this.marks.add(mark)
    const [oldest] = this.marks
    if (this.marks.size > this.size && oldest !== undefined) this.marks.delete(oldest)
  }
}
