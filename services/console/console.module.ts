import { Module, type DynamicModule } from '@nestjs/common'
import type { ConsolePorts } from './ports.ts'
