# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Makes folders, removes files, and gives a whole file its name.
[CmdletBinding()]
param (
    [string[]] $Folder = @(),
    [string[]] $Remove = @(),
    [string] $From = '',
    [string] $To = '',
    [bool] $Overwrite = $true
)
$ErrorActionPreference = 'Stop'
$Ansible.Result = @{ error = '' }
try {
    foreach ($one in $Folder) { $null = [IO.Directory]::CreateDirectory($one) }
    foreach ($one in $Remove) { if (Test-Path -LiteralPath $one) { Remove-Item -LiteralPath $one -Force } }
    if ($From) {
        if ($Overwrite -and (Test-Path -LiteralPath $To)) { [IO.File]::Replace($From, $To, [NullString]::Value) }
        else { [IO.File]::Move($From, $To) }
    }
}
catch { $Ansible.Result.error = $_.Exception.GetBaseException().Message }
