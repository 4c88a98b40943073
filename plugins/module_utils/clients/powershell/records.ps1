# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# The last record of what was written into each of some files; nothing where there is none. Changes nothing.
[CmdletBinding(SupportsShouldProcess)]
param (
    [Parameter(Mandatory)] [string[]] $Folder
)
$ErrorActionPreference = 'Stop'

$Ansible.Changed = $false
$Ansible.Result = @{
    records = @($Folder | ForEach-Object -Process {
            $last = $null
            if (Test-Path -LiteralPath $_ -PathType Container) {
                # Their numbers have six digits: the host's clock may have been set back.
                $last = Get-ChildItem -LiteralPath $_ -Filter 'record-*.json' -Force |
                    Sort-Object -Property Name | Select-Object -Last 1
            }
            $text = ''
            if ($last) { $text = [IO.File]::ReadAllText($last.FullName, [Text.UTF8Encoding]::new($false)) }
            @{ folder = $_; record = $text }
        })
}
