/** A form or record type found in the system, with its fields. Saved as `connections/<name>.forms.yaml`. */
export interface FormDescription {
  readonly id: string
  readonly title: string
  readonly fields: readonly FormField[]
}

export interface FormField {
  /** The stable id of the field. Labels may be written in YAML; ids are compiled. */
  readonly id: string
  readonly label: string
  readonly alias?: string
  /** The vendor's component, such as `MoneyField`. */
  readonly component: string
  readonly required?: boolean
  readonly options?: readonly string[]
  /** How the vendor writes its value, where that decides the type: `yyyy-MM-dd HH:mm`. */
  readonly format?: string
  /** Columns of a table. */
  readonly columns?: readonly FormField[]
}
