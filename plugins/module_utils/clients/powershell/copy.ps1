# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Copies a file, or writes a line, to a name that nobody takes for a whole file yet; folders are made. The root must be
# there: a share that is not reached looks like a folder that can be made.
[CmdletBinding()]
param (
    [Parameter(Mandatory)] [string] $Root,
    [Parameter(Mandatory)] [string] $To,
    [string] $From = '',
    [string] $Text = ''
)
$ErrorActionPreference = 'Stop'
$Ansible.Result = @{ error = ''; length = -1 }
try {
    if (-not (Test-Path -LiteralPath $Root -PathType Container)) { throw "$Root cannot be reached" }
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($To))
    if ($From) { [IO.File]::Copy($From, $To, $true) }
    else { [IO.File]::WriteAllText($To, $Text, [Text.UTF8Encoding]::new($false)) }
    $Ansible.Result.length = [IO.FileInfo]::new($To).Length
}
catch { $Ansible.Result.error = $_.Exception.GetBaseException().Message }
